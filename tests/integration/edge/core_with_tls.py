"""A core with a certificate: `python core_with_tls.py DATA PORT CERTIFICATE KEY`."""

import sys
from pathlib import Path

from wardwatch.app import AppSettings
from wardwatch.app.core import run_core
from wardwatch.cli.processes import run_process
from wardwatch.settings import DataFolder, Listen, Tls

if __name__ == "__main__":
    data, port, certificate, key = sys.argv[1:]
    tls = Tls(Path(certificate), Path(key))
    run_process(run_core(AppSettings(DataFolder(Path(data)), Listen("127.0.0.1", int(port)), 5.0, tls)))
