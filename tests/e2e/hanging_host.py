"""An engine host whose native library hangs in every decode and whose watchdog is impatient; run as a module, as the real one."""

import ctypes

from interfix.engine import host, llama_runtime

if __name__ == "__main__":
    llama_runtime.LlamaContext.decode = lambda *_, **__: ctypes.CDLL(None).pause()  # type: ignore[method-assign]
    host.STEP_SECONDS = 1
    host.FIRST_STEP_SECONDS = 1
    host.main()
