#!/usr/bin/env bash
# Puts a real Elasticsearch for the tests together in .build/elasticsearch, once. Without Java or Maven it says what is
# skipped and goes on.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=.build/elasticsearch
say() { printf 'setup: %s\n' "$*"; }

if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    say "no Java or no Maven: the Elasticsearch tests are skipped; the embedded store is the default"
    exit 0
fi
cmp -s setup/elasticsearch/pom.xml "$home/prepared" && exit 0
say "Elasticsearch for the tests, into $home"
rm -rf "$home"
mkdir -p "$home"/home/{modules/transport-netty4,plugins,config}
if ! mvn -q -B -f setup/elasticsearch/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/$home/lib" >/dev/null; then
    say "Maven could not fetch it: the Elasticsearch tests are skipped until it can"
    exit 0
fi
mv "$home"/lib/transport-netty4*.jar "$home"/lib/netty-*.jar "$home/home/modules/transport-netty4/"
cp setup/elasticsearch/plugin-descriptor.properties "$home/home/modules/transport-netty4/"
cp setup/elasticsearch/pom.xml "$home/prepared"
