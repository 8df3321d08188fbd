#!/bin/bash
# Runs commands in Windows, as far as wine is Windows: a Debian in a folder, with wine, a Python for Windows and the
# packages of packaging/constraints/ci.txt for Windows. `packaging/dev windows` uses it.
#
#   wine.sh setup               makes the folder (some 4 GB, 3 minutes once)
#   wine.sh run COMMAND…        runs a command of that Debian, such as wine PROGRAM.exe ARGUMENTS, in the checkout
#   wine.sh display             starts a display with a panel, prints its number, and stays until it is ended
#   wine.sh end                 ends what still runs in this wine
#
# WINRUN: the folder. SRC: a checkout, Z:\src. OUT: a folder to write to, Z:\out. PREFIX: a name for the Windows, a new
# one for each. PACKAGES: what pip installs. VERSION: for PyInstaller's recipe. DISPLAY: a number of `wine.sh display`.
# Needs root, debootstrap, mvn, unzip and pip for python3. Loopback is shared with Linux.
# Limits of wine 10: no toasts (the class is not registered), powershell does nothing, no list of authorities for TLS,
# no emoji in fonts, the ID of a shortcut is not kept.
set -eu
W=$WINRUN C=$WINRUN/trixie PY=$WINRUN/py CPYTHON=3.13.5-1.5.12
# The mirror that apt uses here. Without one, debootstrap has its own.
MIRROR=$(sed -n 's/^URIs: \(.*\/debian\)\/\?$/\1/p;s/^deb \(http[^ ]*\/debian\)\/\? .*/\1/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)

inside() { # a command in the Debian; only it sees the mounts, and they go with it
  WINRUN_C=$C WINRUN_W=$W WINRUN_SRC=$SRC WINRUN_OUT=$OUT unshare -m --propagation private bash -c '
    mkdir -p "$WINRUN_C"/{w,src,out}
    mount -t proc proc "$WINRUN_C/proc"; mount --rbind /dev "$WINRUN_C/dev"
    mount --bind "$WINRUN_W" "$WINRUN_C/w"; mount --bind "$WINRUN_SRC" "$WINRUN_C/src"
    mount --bind "$WINRUN_OUT" "$WINRUN_C/out"
    exec chroot "$WINRUN_C" env -C /src -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      WINEPREFIX="/w/${PREFIX:-pfx}" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe,winedbg.exe=" \
      PYTHONPATH="Z:\\src\\app;Z:\\src\\packaging" ${DISPLAY:+DISPLAY=$DISPLAY} \
      ${VERSION:+PACKAGE_VERSION=$VERSION PACKAGE_ICON="Z:\\out\\icon.ico"} "$@"' - "$@"
}

step() { # NAME FUNCTION: once
  [ -e "$W/done.$1" ] && return
  echo "   $1" >&2
  "$2" > "$W/$2.log" 2>&1 || { tail -20 "$W/$2.log" >&2; exit 9; }
  touch "$W/done.$1"
}

debian() { # bookworm's wine 8 is too old; trixie's is 10
  rm -rf "$C" && debootstrap --variant=minbase trixie "$C" $MIRROR
  inside apt-get -qq -o DPkg::Lock::Timeout=600 update
  inside env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 install --no-install-recommends \
    wine wine64 xvfb openbox tint2 xdg-utils nsis gcc-mingw-w64-x86-64 fonts-dejavu-core
}

python() {
  local jar=$W/m2/org/bytedeco/cpython/$CPYTHON/cpython-$CPYTHON-windows-x86_64.jar
  mvn -q dependency:get -Dmaven.repo.local="$W/m2" -Dtransitive=false \
    -Dartifact="org.bytedeco:cpython:$CPYTHON:jar:windows-x86_64"
  rm -rf "$W/jar" "$PY" && unzip -q "$jar" -d "$W/jar" && mv "$W/jar/org/bytedeco/cpython/windows-x86_64" "$PY"
  cp "$PY/bin/pythonw.exe" "$PY"/lib/vcruntime140*.dll "$PY" && rm -rf "$PY/bin" "$PY/lib/test" "$PY"/lib/pip*
  # The jar has no python3.dll, to which all of abi3 links: one that hands everything on to python313.dll.
  inside bash -ec 'cd /w
    x86_64-w64-mingw32-nm py/libs/python3.lib | sed -nE "s/.* [TDIRB] (__imp_)?(_?Py.*)/\2/p" | sort -u > stable
    x86_64-w64-mingw32-objdump -p py/python313.dll | awk "/Name Pointer/{f=1} f&&/\]/{print \$NF}" | sort -u > real
    { echo EXPORTS; comm -12 stable real | sed "s/.*/&=python313.&/"; } > python3.def
    : | x86_64-w64-mingw32-as -o empty.o - && x86_64-w64-mingw32-ld -shared -e 0 -o py/python3.dll python3.def empty.o'
}

packages() {
  python3 -m pip install -q --no-deps --only-binary=:all: --platform win_amd64 --python-version 3.13 \
    --implementation cp --upgrade --target "$PY/lib/site-packages" $PACKAGES
}

prefix() { # and two libraries of Windows 10 that wine lacks, or lacks a function of, and Qt needs
  cat > "$W/icuuc.c" <<'C'
void *ucnv_open(const char *name, int *error) { *error = 4; return 0; }
#define F(f) void *f() { return 0; }
F(ucnv_close) F(UCNV_FROM_U_CALLBACK_SUBSTITUTE) F(UCNV_TO_U_CALLBACK_SUBSTITUTE) F(ucnv_reset) F(ucnv_getMaxCharSize)
F(ucnv_getName) F(ucnv_getToUCallBack) F(ucnv_getFromUCallBack) F(ucnv_setToUCallBack) F(ucnv_setFromUCallBack)
F(ucnv_cbToUWriteUChars) F(ucnv_toUnicode) F(ucnv_cbFromUWriteUChars) F(ucnv_toUCountPending) F(ucnv_fromUCountPending)
F(ucnv_getStandardName) F(ucnv_getAvailableName) F(ucnv_countAvailable) F(ucnv_fromUnicode)
C
  cat > "$W/mscms.c" <<'C'
void *GetColorProfileFromHandle() { return 0; }
int CloseColorProfile() { return 1; }
void *WcsCreateIccProfile() { return 0; }
void *OpenColorProfileW() { return 0; }
C
  inside wineboot -i
  for dll in icuuc mscms; do
    inside x86_64-w64-mingw32-gcc -std=gnu11 -shared -o "/w/pfx/drive_c/windows/system32/$dll.dll" "/w/$dll.c"
  done
  inside wine reg add 'HKCU\Software\Wine\DllOverrides' /v mscms /d native /f
}

case $1 in
setup)
  step chroot debian; step python python; step prefix prefix
  step "packages.$(sha256sum <<< "$CPYTHON $PACKAGES" | cut -c-16)" packages ;;
run) shift; inside "$@" ;;
display)
  inside bash -c 'exec 3> >(while read -r n; do
      for program in openbox tint2; do DISPLAY=:$n $program >/dev/null 2>&1 & done; echo ":$n"; done)
    exec Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 2>/dev/null' ;;
end) inside wineserver -k || : ;;
esac
