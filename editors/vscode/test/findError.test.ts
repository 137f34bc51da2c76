import assert from 'node:assert/strict';

import { findError } from '../src/findError';

/** What uv 0.9 and 0.13, pip 23 and 26 and Python's venv print where they fail, and what a user is told of it. */
const OUTPUTS: Record<string, string> = {
  'Failed to fetch: http://127.0.0.1:9/simple/rich/: Connection refused (os error 111)': `
Using Python 3.11.7 environment at: v
error: Request failed after 3 retries in 11.6s
  cause: Failed to fetch: http://127.0.0.1:9/simple/rich/
  cause: error sending request for url (http://127.0.0.1:9/simple/rich/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)`,
  'Failed to fetch: "http://127.0.0.1:9/simple/rich/": Connection refused (os error 111)': `
Using Python 3.11.7 environment at: v
error: Failed to fetch: \`http://127.0.0.1:9/simple/rich/\`
  Caused by: error sending request for url (http://127.0.0.1:9/simple/rich/)
  Caused by: client error (Connect)
  Caused by: Connection refused (os error 111)`,
  'Failed to fetch: "https://127.0.0.1:1/simple/rich/": invalid peer certificate: UnknownIssuer': `
  × Failed to fetch: \`https://127.0.0.1:1/simple/rich/\`
  ├─▶ error sending request for url (https://127.0.0.1:1/simple/rich/)
  ├─▶ client error (Connect)
  ╰─▶ invalid peer certificate: UnknownIssuer
  help: Consider enabling use of system TLS certificates with the
        \`--native-tls\` command-line flag`,
  'Failed to fetch: https://127.0.0.1:1/simple/rich/: invalid peer certificate: UnknownIssuer': `
error: Failed to fetch: https://127.0.0.1:1/simple/rich/
  cause: client error (Connect)
  cause: invalid peer certificate: UnknownIssuer

hint: Consider enabling use of system TLS certificates with the \`--system-certs\` command-line flag`,
  'Failed to download "rich==1.0": Hash mismatch for "rich==1.0"': `
Resolved 1 package in 18ms
error: Failed to download \`rich==1.0\`
  cause: Hash mismatch for \`rich==1.0\`

         Expected:
           sha256:0000

         Computed:
           sha256:f84f`,
  'No solution found when resolving dependencies: Because only rich==1.0 is available and you require rich>2, we can conclude that your requirements are unsatisfiable': `
Using Python 3.11.7 environment at: v
  × No solution found when resolving dependencies:
  ╰─▶ Because only rich==1.0 is available and you require rich>2, we can
      conclude that your requirements are unsatisfiable.

hint: Pre-releases are available`,
  'Failed to query Python interpreter: failed to write to file "/c/get.py": No space left on device (os error 28)': `
error: Failed to query Python interpreter
  cause: failed to write to file \`/c/get.py\`: No space left on device (os error 28)`,
  'Failed to create virtual environment: A virtual environment already exists at: e': `
Using CPython 3.11.7 interpreter at: /usr/bin/python3
Creating virtual environment at: e
error: Failed to create virtual environment
  cause: A virtual environment already exists at: e

hint: Use the \`--clear\` flag or set \`UV_VENV_CLEAR=1\` to replace the existing virtual environment`,
  'No interpreter found for Python >=3.11 in managed installations': `
error: No interpreter found for Python >=3.11 in managed installations

hint: A managed Python download is available for Python >=3.11, but Python downloads are set to 'never'`,
  'Failed to establish a new connection: [Errno 111] Connection refused': `
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/uv/
ERROR: Could not find a version that satisfies the requirement uv (from versions: none)
ERROR: No matching distribution found for uv`,
  'Failed to establish a new connection: [Errno 113] No route to host': `
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("HTTPConnection(host='127.0.0.1', port=9): Failed to establish a new connection: [Errno 113] No route to host")': /simple/uv/
ERROR: Could not find a version that satisfies the requirement uv (from versions: none)`,
  '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)': `
WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)'))': /simple/uv/
ERROR: Could not find a version that satisfies the requirement uv (from versions: none)`,
  'Could not find a version that satisfies the requirement uv (from versions: none)': `
ERROR: Could not find a version that satisfies the requirement uv (from versions: none)
ERROR: No matching distribution found for uv`,
  '[Errno 28] No space left on device': `
Error: [Errno 28] No space left on device`,
  'The virtual environment was not created successfully because ensurepip is not available. On Debian/Ubuntu systems, you need to install the python3-venv package using the following command': `
The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv

Failing command: /tmp/v/bin/python3`,
  'OSError: [Errno 30] Read-only file system': `
Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
OSError: [Errno 30] Read-only file system`,
  'no space left on the device': 'no space left on the device',
};

describe('the reason of a failure', () => {
  for (const [told, output] of Object.entries(OUTPUTS)) {
    it(told, () => assert.equal(findError(output.split('\n')), told));
  }

  it('is not there where nothing was printed', () => assert.equal(findError(['', ' ']), undefined));
});
