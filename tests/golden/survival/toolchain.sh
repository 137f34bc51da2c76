#!/usr/bin/env bash
function expand_config() {
  case "${TARGET}" in
    mips32)
      expand_codescape
      declare -r QEMU_ARCH=mips ;;
    ppc64le | ppc64)
      expand_bootlin
      declare -r QEMU_ARCH=ppc64 ;;
    '# '*)
      comment "${line:2}" "$scope"
      ;;
    *)
      >&2 echo "Unknown TARGET '${TARGET}'"
      exit 1 ;;
  esac
}
