# One image for every process of WardWatch, and for the Suricata beside them.
FROM python:3.13-slim-bookworm AS ui
WORKDIR /build
COPY requirements/ui.txt requirements/ui.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/ui.txt
COPY setup/node.py setup/node.py
COPY dashboards/ui/package.json dashboards/ui/package-lock.json dashboards/ui/.npmrc dashboards/ui/
RUN python setup/node.py ci
COPY dashboards/ui dashboards/ui
RUN python setup/node.py run build

FROM python:3.13-slim-bookworm AS libraries
COPY requirements/runtime.txt /build/runtime.txt
RUN python -m venv /opt/wardwatch && /opt/wardwatch/bin/pip install --no-cache-dir --require-hashes -r /build/runtime.txt

FROM python:3.13-slim-bookworm
COPY setup/install-packages.sh /build/install-packages.sh
RUN bash /build/install-packages.sh bookworm-backports/suricata && rm -rf /build /var/lib/apt/lists/*
COPY --from=libraries /opt/wardwatch /opt/wardwatch
WORKDIR /srv/wardwatch
COPY LICENSE ./
COPY wardwatch wardwatch
COPY collectors collectors
COPY detectors detectors
COPY drills drills
COPY playbooks playbooks
COPY api api
COPY dashboards/*.py dashboards/
COPY --from=ui /build/dashboards/static dashboards/static
# A named volume takes its owner from the folder it is first mounted on.
RUN useradd --system --uid 10001 --user-group --no-create-home wardwatch \
    && install -d -o wardwatch -g wardwatch -m 0750 /data /data/eve
ENV PATH=/opt/wardwatch/bin:$PATH PYTHONPATH=/srv/wardwatch PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER wardwatch
ENTRYPOINT ["python", "-m", "wardwatch"]
CMD ["up", "--data", "/data", "--listen", "0.0.0.0:8080"]
