#!/bin/sh
# deps.sh build|test|lint - install what is missing, and say what and why.
#
# Silent and quick (a few milliseconds) when everything is there. It is run by
# `make`, on machines that may have nothing but a compiler, make and git; so it
# is plain sh and asks for each thing in the way that the build will use it.
set -u

kind=${1:-build}

# What each kind needs: "thing test why", one a line. A test is pkg:NAME
# (pkg-config knows it), cmd:NAME (a program) or fuzzer:COMPILER (a fuzzer links).
needs() {
    cat <<'END'
pkgconf   cmd:pkg-config   finds the libraries
ncurses   pkg:ncursesw     draws the screen
cyaml     pkg:libcyaml     loads scenarios
yaml      pkg:yaml-0.1     checks scenarios, with line and column
zstd      pkg:libzstd      reads compressed traces
END
    case $kind in test | lint) cat <<'END'
cmocka    pkg:cmocka       runs the unit tests
vterm     pkg:vterm        is the terminal of the tests with a terminal
END
    esac
    case $kind in lint) cat <<'END'
clang     cmd:clang        second compiler, sanitizers and fuzzer
clangrt   fuzzer:clang     runtime of the fuzzer
tidy      cmd:clang-tidy   static analysis
cppcheck  cmd:cppcheck     static analysis
END
    esac
}

# The package of a thing, for each package manager.
package() {
    awk -v thing="$1" -v manager="$2" '
        NR == 1 { for (i = 2; i <= NF; i++) if ($i == manager) column = i; next }
        $1 == thing { print $column }' <<'END'
thing    apt-get         dnf                zypper               pacman     apk             brew
pkgconf  pkg-config      pkgconf-pkg-config pkg-config           pkgconf    pkgconf         pkg-config
ncurses  libncurses-dev  ncurses-devel      ncurses-devel        ncurses    ncurses-dev     ncurses
cyaml    libcyaml-dev    libcyaml-devel     libcyaml-devel       libcyaml   libcyaml-dev    libcyaml
yaml     libyaml-dev     libyaml-devel      libyaml-devel        libyaml    yaml-dev        libyaml
zstd     libzstd-dev     libzstd-devel      libzstd-devel        zstd       zstd-dev        zstd
cmocka   libcmocka-dev   libcmocka-devel    libcmocka-devel      cmocka     cmocka-dev      cmocka
vterm    libvterm-dev    libvterm-devel     libvterm-devel       libvterm   libvterm-dev    libvterm
clang    clang           clang              clang                clang      clang           llvm
clangrt  libclang-rt-dev compiler-rt        clang                compiler-rt compiler-rt    llvm
tidy     clang-tidy      clang-tools-extra  clang-tools          clang      clang-extra-tools llvm
cppcheck cppcheck        cppcheck           cppcheck             cppcheck   cppcheck        cppcheck
END
}

can_fuzz() {
    dir=$(mktemp -d) || return 1
    echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n);
          int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return !d && n; }' > "$dir/f.c"
    "$1" -fsanitize=fuzzer,address -o "$dir/f" "$dir/f.c" > "$dir/log" 2>&1
    status=$?
    rm -rf "$dir"
    return $status
}

there() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" > /dev/null 2>&1 ;;
    pkg:*) pkg-config --exists "${1#pkg:}" 2> /dev/null ;;
    fuzzer:*) can_fuzz "${1#fuzzer:}" ;;
    esac
}

# Lines of needs() that are not met.
missing() {
    needs | while read -r thing test why; do
        there "$test" || echo "$thing $test $why"
    done
}

manager() {
    for m in apt-get dnf zypper pacman apk brew; do
        if command -v "$m" > /dev/null 2>&1; then echo "$m"; return; fi
    done
}

# Run as root: directly, or through sudo or doas.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo > /dev/null 2>&1; then sudo "$@"
    elif command -v doas > /dev/null 2>&1; then doas "$@"
    else
        echo "vmscope: not root, and neither sudo nor doas is here. As root, run:" >&2
        echo "    $*" >&2
        return 1
    fi
}

install_with() {
    with=$1
    shift
    case $with in
    apt-get)
        as_root apt-get update -qq || echo "vmscope: apt-get update failed; trying the old lists." >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" ;;
    dnf) as_root dnf install -y -q "$@" ;;
    zypper) as_root zypper --non-interactive install "$@" ;;
    pacman) as_root pacman -S --needed --noconfirm "$@" ;;
    apk) as_root apk add "$@" ;;
    brew) brew install "$@" ;;
    esac
}

command -v "${CC:-cc}" > /dev/null 2>&1 || command -v gcc > /dev/null 2>&1 || {
    echo "vmscope: no C compiler. Install gcc or clang (Debian: apt-get install gcc)." >&2
    exit 1
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0

echo "vmscope: to $kind, these are missing and will be installed:" >&2
echo "$lacking" | while read -r thing test why; do echo "  $thing: $why" >&2; done

with=$(manager)
if [ -z "$with" ]; then
    echo "vmscope: no package manager that this script knows. Install by hand what gives" >&2
    echo "$lacking" | while read -r thing test why; do echo "  $test (Debian: $(package "$thing" apt-get))" >&2; done
    exit 1
fi

packages=$(echo "$lacking" | while read -r thing rest; do package "$thing" "$with"; done | sort -u)
# shellcheck disable=SC2086  # one word a package
install_with "$with" $packages < /dev/null >&2 || echo "vmscope: $with reported an error." >&2

lacking=$(missing)
[ -z "$lacking" ] && exit 0
echo "vmscope: still missing after the installation:" >&2
echo "$lacking" | while read -r thing test why; do echo "  $test ($why)" >&2; done
exit 1
