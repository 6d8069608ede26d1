#!/usr/bin/env bash
# Runs all tests, or a part of them:
#
#   ./test.sh              everything
#   ./test.sh PacketCodec  the tests whose full name contains "PacketCodec"
#
# What is missing is installed first: programs from Debian (this alone needs root or sudo), packages from NuGet and npm.
# When all is there, no request leaves this machine. The exit code and the last line, "N passed, N failed", tell the result;
# a build that fails counts as one failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

minimum_node=$(sed -n 's/.*"node": ">=\([0-9]*\)".*/\1/p' package.json)
results=TestResults
passed=0
failed=1
trap 'echo "$passed passed, $failed failed"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing stays running after the tests, and nothing phones home.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1

stop() {
    echo "test.sh: $1" >&2
    exit 1
}

# Prints the Debian packages whose programs are not there.
missing_packages() {
    local PATH=$PATH:/usr/sbin
    command -v mosquitto >/dev/null || echo mosquitto
    command -v mosquitto_rr >/dev/null || echo mosquitto-clients
    command -v strace >/dev/null || echo strace
    command -v promtool >/dev/null || echo prometheus
    command -v chromium >/dev/null || echo chromium
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || echo postgresql
    /usr/bin/python3 -c 'import paho.mqtt.client' 2>/dev/null || echo python3-paho-mqtt
    command -v docker-compose >/dev/null || echo docker-compose
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || echo python3-yaml
}

# Runs as root, in a shell of its own. While it installs, a policy of its own forbids every service to start, now; the services that
# come with the packages are switched off for the next start of the machine too. A policy that stood there before comes back.
install_packages() {
    exec 9>/run/lock/broker-test-packages && flock 9
    # Not local: the trap reads them after the function has ended.
    policy=/usr/sbin/policy-rc.d
    kept=$policy.broker-tests
    restore_policy() { rm -f "$policy" && if [ -e "$kept" ]; then mv "$kept" "$policy"; fi; }
    trap restore_policy EXIT
    trap 'exit 130' INT TERM
    if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit 1

    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=300 update || echo "test.sh: apt-get update failed; trying with the lists that are there" >&2
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" </dev/null || exit 1
    local package
    for package in "$@"; do
        case $package in
            mosquitto | postgresql | prometheus) if command -v systemctl >/dev/null; then systemctl disable "$package" </dev/null || true; fi ;;
        esac
    done
}

install_what_is_missing() {
    local packages
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    packages=${packages//$'\n'/ }
    command -v apt-get >/dev/null || stop "these programs are missing, and there is no apt-get to install them (names as in Debian): $packages"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || stop "these packages are missing; install them as root: apt-get install $packages"
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n)
    fi
    echo "Installing from Debian: $packages"
    # shellcheck disable=SC2086 # one word a package
    "${as_root[@]}" bash -c "$(declare -f install_packages); install_packages \"\$@\"" install $packages \
        || stop "these packages could not be installed: $packages"
    packages=$(missing_packages)
    [ -z "$packages" ] || stop "still missing after the installation: ${packages//$'\n'/ }"
}

check_tools() {
    command -v dotnet >/dev/null || stop "dotnet is missing; install the .NET 10 SDK (https://dotnet.microsoft.com/download)"
    local answer
    answer=$(dotnet --version 2>&1) || stop "no .NET SDK that global.json accepts; install the .NET 10 SDK (https://dotnet.microsoft.com/download). dotnet says:
$answer"
    local wanted="Node.js $minimum_node or newer, with npm (https://nodejs.org)"
    command -v node >/dev/null || stop "node is missing; install $wanted"
    command -v npm >/dev/null || stop "npm is missing; install $wanted"
    local version
    version=$(node --version)
    version=${version#v}
    [ "${version%%.*}" -ge "$minimum_node" ] 2>/dev/null || stop "Node.js $version is too old; install $wanted"
}

# Sums one counter over all result files.
count() {
    local sum=0 value
    while read -r value; do sum=$((sum + value)); done \
        < <(sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx 2>/dev/null)
    echo "$sum"
}

[ $# -le 1 ] || stop "at most one argument: a part of the names of the tests to run"
filter=()
[ $# -eq 0 ] || filter=(--filter "FullyQualifiedName~$1")

check_tools
install_what_is_missing

dotnet build Broker.sln -c Release -nodeReuse:false -p:UseSharedCompilation=false -v minimal || stop "the build failed; no test ran"

rm -rf "$results"
code=0

# Runs tests: the name of the result file, then a filter or none.
run_tests() {
    local name=$1
    shift
    dotnet test Broker.Tests -c Release --no-build "$@" --results-directory "$results" \
        --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" \
        --blame-hang-timeout 5m --blame-hang-dump-type none || code=$?
}

run_tests tests "${filter[@]}"
if [ $# -eq 0 ]; then
    # The protocol, once more on each store.
    for store in Sqlite PostgreSql; do
        echo "The protocol on $store:"
        BROKER_TEST_STORE=$store run_tests "wire-$store" --filter FullyQualifiedName~Broker.Tests.Wire
    done
fi

passed=$(count passed)
failed=$(($(count executed) - passed))
skipped=$(($(count total) - passed - failed))
[ "$skipped" = 0 ] || echo "$skipped skipped"
if [ "$code" != 0 ] && [ "$failed" = 0 ]; then
    failed=1
    stop "the test run broke off with exit code $code; see above"
fi
if [ "$((passed + failed))" = 0 ]; then
    failed=1
    stop "no test ran${1:+ for \"$1\"}"
fi
[ "$failed" = 0 ]
