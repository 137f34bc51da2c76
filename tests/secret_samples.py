"""Secrets as they get into code, each put together here when it is needed, so that nothing in this repository looks like a leak."""

import random
import string
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.secret_code_templates import HEXADECIMAL, PASSWORDS, RANDOM

UPPER, LOWER, DIGITS, HEX = string.ascii_uppercase, string.ascii_lowercase, string.digits, "0123456789abcdef"
LETTERS = UPPER + LOWER
ALNUM = LETTERS + DIGITS
BASE64 = ALNUM + "+/"
URL_SAFE = ALNUM + "-_"


class SecretSample(NamedTuple):
    shape: str
    text: str
    """A few lines of code with one secret in them."""
    secret: str
    """What must not be seen of them, each line of it."""


def random_text(rng: random.Random, alphabet: str, length: int) -> str:
    """Random, but with every class of characters its alphabet has, as real tokens of some length are."""
    while True:
        made = "".join(rng.choices(alphabet, k=length))
        classes = [set(each) & set(alphabet) for each in (UPPER, LOWER, DIGITS)]
        if length < 8 or all(not each or set(made) & each for each in classes):
            return made


def make_jwt(rng: random.Random) -> str:
    head = b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = b64encode(f'{{"sub":"{rng.randrange(10**9)}","admin":true}}'.encode()).decode().rstrip("=")
    return f"{head}.{body}.{random_text(rng, URL_SAFE, 43)}"


def make_key_block(rng: random.Random, lines: int) -> str:
    return "\n".join(random_text(rng, BASE64, 64) for _ in range(lines)) + "\n" + random_text(rng, BASE64, 30) + "=="


WALLET = "abandon ability absent clever coral cradle drift eagle ecology forest galaxy garment hazard icon jungle kiwi"
"""Words of which wallets make their phrases (BIP-39)."""

SecretFactory = Callable[[random.Random], str]

# By shape: how the secret is made, and pieces of code that hold it, in the place of `@@`.
SECRET_SHAPES: dict[str, tuple[SecretFactory, tuple[str, ...]]] = {
    "AWS access key": (
        lambda c: "AK" + "IA" + random_text(c, UPPER + "234567", 16),
        ('client = boto3.client("s3", aws_access_key_id="@@")', "AWS_ACCESS_KEY_ID=@@\n", "// used @@ until March"),
    ),
    "AWS secret key": (
        lambda c: random_text(c, BASE64, 40),
        ('aws_secret_access_key = "@@"', "export AWS_SECRET_ACCESS_KEY=@@\n", 'new Credentials { SecretKey = "@@" };'),
    ),
    "GitHub token": (
        lambda c: "gh" + c.choice("pousr") + "_" + random_text(c, ALNUM, 36),
        ('const octokit = new Octokit({ auth: "@@" });', "git clone https://@@@github.com/a/b\n", "# gh auth login with @@"),
    ),
    "GitHub fine-grained token": (
        lambda c: "github" + "_pat_" + random_text(c, ALNUM, 22) + "_" + random_text(c, ALNUM, 59),
        ("env:\n  GH: @@\n", 'let t = "@@".to_string();'),
    ),
    "GitLab token": (
        lambda c: "gl" + "pat-" + random_text(c, URL_SAFE, 20),
        ("gitlab.Gitlab('https://gitlab.com', private_token='@@')", 'curl -H "PRIVATE-TOKEN: @@" "$URL"', "token := `@@`"),
    ),
    "Slack token": (
        lambda c: "xo" + "xb-" + random_text(c, DIGITS, 12) + "-" + random_text(c, DIGITS, 12) + "-" + random_text(c, ALNUM, 24),
        ('WebClient(token="@@")', '{ "slack": { "bot": "@@" } }', "slack = @@\n"),
    ),
    "Slack webhook": (
        lambda c: f"T{random_text(c, UPPER + DIGITS, 8)}/B{random_text(c, UPPER + DIGITS, 8)}/{random_text(c, ALNUM, 24)}",
        ('requests.post("https://hooks.slack.com/services/@@", json=body)', "HOOK=https://hooks.slack.com/services/@@\n"),
    ),
    "Stripe key": (
        lambda c: "sk" + "_live_" + random_text(c, ALNUM, 24),
        ('stripe.api_key = "@@"', "Stripe.setApiKey('@@');", "$stripe = new StripeClient('@@');"),
    ),
    "Stripe test key": (
        lambda c: "rk" + "_test_" + random_text(c, ALNUM, 32),
        ('const stripe = require("stripe")("@@");', "STRIPE: '@@'\n"),
    ),
    "Google API key": (
        lambda c: "AI" + "za" + random_text(c, URL_SAFE, 34) + random_text(c, ALNUM, 1),
        ('<script src="https://maps.googleapis.com/maps/api/js?key=@@"></script>', 'firebase = { apiKey: "@@" }'),
    ),
    "OpenAI key": (
        lambda c: "sk" + "-proj-" + random_text(c, ALNUM, 48),
        ('client = OpenAI(api_key="@@")', "OPENAI_API_KEY=@@\n", 'headers["Authorization"] = "Bearer @@"'),
    ),
    "Anthropic key": (
        lambda c: "sk" + "-ant-api03-" + random_text(c, URL_SAFE, 90) + "AA",
        ('anthropic.Anthropic(api_key="@@")', "x-api-key: @@\n"),
    ),
    "npm token": (
        lambda c: "npm" + "_" + random_text(c, ALNUM, 36),
        ("//registry.npmjs.org/:_authToken=@@\n", "NPM_TOKEN: @@\n", "RUN npm config set token @@\n"),
    ),
    "PyPI token": (
        lambda c: "pypi" + "-AgEIcHlwaS5vcmc" + random_text(c, URL_SAFE, 80) + random_text(c, ALNUM, 1),
        ("twine upload -u __token__ -p @@ dist/*\n", 'PASSWORD = "@@"'),
    ),
    "JSON web token": (
        make_jwt,
        ('headers = {"Authorization": "Bearer @@"}', "cookie: session=@@; path=/\n", 'const TOKEN = "@@";'),
    ),
    "private key": (
        lambda c: make_key_block(c, 6),
        (
            'KEY = """-----BEGIN RSA PRIVATE KEY-----\n@@\n-----END RSA PRIVATE KEY-----"""',
            "-----BEGIN OPENSSH PRIVATE KEY-----\n@@\n-----END OPENSSH PRIVATE KEY-----\n",
            "@@\n-----END EC PRIVATE KEY-----\n",
            "const key = `-----BEGIN PRIVATE KEY-----\n@@\n",
        ),
    ),
    "private key in one line": (
        lambda c: make_key_block(c, 4).replace("\n", "\\n"),
        ('{"private_key": "-----BEGIN PRIVATE KEY-----\\n@@\\n-----END PRIVATE KEY-----\\n"}',),
    ),
    "password in a URL": (
        lambda c: random_text(c, ALNUM, 14),
        ('engine = create_engine("postgresql://app:@@@db.internal:5432/shop")', "REDIS_URL=redis://:@@@cache:6379/0\n",
         'amqp.Dial("amqp://worker:@@@queue/")', "git remote add x https://ci:@@@git.acme.io/x.git\n"),
    ),
    "connection string": (
        lambda c: random_text(c, ALNUM, 12) + c.choice("!#%^*"),
        ('"Server=db;Database=shop;User Id=sa;Password=@@;Encrypt=True"', "conn = 'Driver={ODBC};UID=app;PWD=@@'\n",
         "jdbc:mysql://db/shop?user=app&password=@@\n"),
    ),
    "Azure account key": (
        lambda c: random_text(c, BASE64, 86) + "==",
        ('"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=@@;EndpointSuffix=core.windows.net"',),
    ),
    "password literal": (
        lambda c: random_text(c, LOWER, 6) + random_text(c, DIGITS, 2) + c.choice("!$%&*#") + random_text(c, UPPER, 2),
        ('password = "@@"', "String dbPassword = \"@@\";", "define('DB_PASSWORD', '@@');", 'let password: &str = "@@";',
         "passwd: '@@'", 'if password == "@@":', '<password>@@</password>', "PGPASSWORD=@@ psql shop\n",
         'os.environ["SMTP_PASS"] = "@@"', '<add key="SmtpPassword" value="@@" />', "mysql --password=@@ shop\n",
         "  password: @@\n", '"{\\"password\\": \\"@@\\"}"', "login(user, password='@@')"),
    ),
    "simple password": (
        lambda c: c.choice(["hunter", "dragon", "sunshine", "swordfish", "letmein"]) + random_text(c, DIGITS, 2),
        ('password = "@@"', "DB_PASSWORD=@@\n", 'const pwd = "@@";', "spring.datasource.password=@@\n"),
    ),
    "passphrase": (
        lambda c: " ".join(c.sample(["correct", "horse", "battery", "staple", "violet", "engine", "marble", "orbit"], 4)),
        ('passphrase = "@@"', "gpg_passphrase: '@@'\n"),
    ),
    "key literal": (
        lambda c: random_text(c, HEX, 32),
        ('API_KEY = "@@"', "api_key: @@\n", 'client_secret="@@"', '"X-Api-Key": "@@"', "SECRET_KEY_BASE=@@\n", "apiKey: '@@',",
         'req.Header.Set("X-Auth-Token", "@@")', "private static final String SIGNING_KEY = \"@@\";"),
    ),
    "random string": (
        lambda c: random_text(c, ALNUM, 40),
        ('connect("@@")', "const x = '@@';", 'client.login("bot", "@@")'),
    ),
    "basic authorization": (
        lambda c: b64encode(f"admin:{random_text(c, ALNUM, 12)}".encode()).decode(),
        ('headers={"Authorization": "Basic @@"}', "curl -H 'Authorization: Basic @@' $URL\n"),
    ),
    "user and password on a command line": (
        lambda c: random_text(c, ALNUM, 12),
        ("curl -u deploy:@@ https://repo.acme.io/upload\n", "deploy --token @@ --force\n"),
    ),
    "SendGrid key": (
        lambda c: "S" + "G." + random_text(c, URL_SAFE, 21) + random_text(c, ALNUM, 1)
        + "." + random_text(c, URL_SAFE, 42) + random_text(c, ALNUM, 1),
        ('sgMail.setApiKey("@@")', "MAIL=@@\n"),
    ),
    "Telegram bot token": (
        lambda c: random_text(c, DIGITS, 10) + ":A" + "A" + random_text(c, URL_SAFE, 32) + random_text(c, ALNUM, 1),
        ('bot = Bot("@@")', "https://api.telegram.org/bot@@/getMe\n"),
    ),
    "Hugging Face token": (
        lambda c: "hf" + "_" + random_text(c, LETTERS, 34),
        ('login("@@")', "HF=@@\n"),
    ),
    "string in pieces": (
        lambda c: random_text(c, ALNUM, 16) + "\0" + random_text(c, ALNUM, 16),
        ('API_KEY = (\n    "@@"\n    "@@"\n)\n', 'const token = "@@" +\n  "@@";', "$secret = '@@' . '@@';",
         'local token = "@@" .. "@@"\n',
         'char *api_key = "@@"\n    "@@";', 'apiKey := "@@" + "@@"\n', "secret_key = '@@' \\\n    '@@'\n", 'connect("@@" + "@@")'),
    ),
    "string over lines": (
        lambda c: random_text(c, ALNUM, 12) + c.choice("!#%") + random_text(c, DIGITS, 2),
        ('password = """\n@@\n"""\n', "password: |\n  @@\n", "db_password: >-\n    @@\n", 'SECRET = """@@\n"""\n',
         "api_token = '''\n    @@\n'''\n"),
    ),
    "argument of a setter": (
        lambda c: random_text(c, LOWER, 6) + random_text(c, DIGITS, 2) + c.choice("!$%&*#") + random_text(c, UPPER, 2),
        ('dataSource.setPassword("@@");', 'config.withPassword("@@")', "mailer.set_password('@@')", 'client.setApiKey("@@");',
         'builder.password("@@").build()', "session.auth('admin', '@@')", '.basic_auth("user", Some("@@"))',
         'ds.setPassword( "@@" )',
         'smtp.login("me@acme.io", "@@")', 'new NetworkCredential("svc", "@@")', 'requests.get(url, auth=("svc", "@@"))',
         'psycopg2.connect("db", "app", "@@")', 'props.put("password", "@@");',
         'System.setProperty("javax.net.ssl.keyStorePassword", "@@");'),
    ),
    "name and value": (
        lambda c: random_text(c, ALNUM, 14) + c.choice("!#%") + random_text(c, DIGITS, 2),
        ("- name: DB_PASSWORD\n  value: @@\n", '- name: API_TOKEN\n  value: "@@"\n', '{"name": "DB_PASSWORD", "value": "@@"}',
         '{\n  "Key": "SMTP_PASSWORD",\n  "Value": "@@"\n}', '<entry key="password">@@</entry>',
         '<property name="password" value="@@"/>',
         'env {\n  name  = "DB_PASSWORD"\n  value = "@@"\n}', "- value: @@\n  name: DB_PASSWORD\n",
         '{ name: "SECRET_TOKEN", value: "@@" }', '<Password><Value>@@</Value></Password>', 'key: password\nvalue: @@\n'),
    ),
    "netrc and the like": (
        lambda c: random_text(c, ALNUM, 12) + c.choice("!#%"),
        ("machine api.acme.io login deploy password @@\n", "machine git.acme.io\n  login me\n  password @@\n",
         "default login anonymous password @@\n", "db.acme.io:5432:shop:app:@@\n"),
    ),
    "hash of a password": (
        lambda c: "$2" + "y$10$" + random_text(c, ALNUM + "./", 53),
        ("admin:@@\n", 'stored = "@@"', "INSERT INTO users VALUES (1, 'me', '@@');"),
    ),
    "old hash of a password": (
        lambda c: "$ap" + "r1$" + random_text(c, ALNUM, 8) + "$" + random_text(c, ALNUM + "./", 22),
        ("deploy:@@\n", "auth_basic_user = 'me:@@'\n"),
    ),
    "key in a kubeconfig": (
        lambda c: b64encode(b"-----BEGIN RSA PRIVATE " + b"KEY-----\n" + random_text(c, BASE64, 120).encode()).decode(),
        ("    client-key-data: @@\n", "  tls.key: @@\n", "  ssh-privatekey: '@@'\n"),
    ),
    "secret of Kubernetes": (
        lambda c: b64encode(random_text(c, ALNUM, 15).encode()).decode(),
        ("apiVersion: v1\nkind: Secret\ndata:\n  username: YWRtaW4=\n  whatever: @@\n",
         "kind: Secret\nmetadata:\n  name: a\ndata:\n  db: @@\ntype: Opaque\n",
         "kind: Secret\nstringData:\n  config: @@\n"),
    ),
    "environment with a default": (
        lambda c: random_text(c, HEX, 32),
        ('ENV["API_TOKEN"] ||= "@@"', 'const key = process.env.API_KEY || "@@";', "token = os.environ.get('API_TOKEN') or '@@'",
         'secret = os.getenv("CLIENT_SECRET", "@@")', 'api_key = ENV.fetch("API_KEY") { "@@" }', 'PASSWORD=${DB_PASSWORD:-@@}\n',
         "key = System.getenv('API_KEY') ?: '@@'", '$token = getenv("TOKEN") ?: "@@";', 'ENV["SECRET_KEY"] = "@@"',
         "api_key <- '@@'"),
    ),
    "key as an argument": (
        lambda c: random_text(c, HEX, 32),
        ('client = Client("acme", "@@")', 'new ApiClient("@@")', "Stripe('@@')", 'weather.NewClient("@@")',
         'auth = OAuth1("id", "@@")', 'init("@@")'),
    ),
    "password of a command": (
        lambda c: random_text(c, ALNUM, 10) + random_text(c, DIGITS, 2),
        ("docker login -u me -p @@ registry.acme.io\n", "mysql -u root -p@@ shop\n", "mysqldump -uroot -p'@@' shop > a.sql\n",
         "sshpass -p @@ ssh me@host\n",
         "redis-cli -h cache -a @@ ping\n", "psql 'host=db user=app password=@@'\n", "htpasswd -b .htpasswd me @@\n",
         "echo @@ | docker login -u me --password-stdin\n", "openssl rsa -passin pass:@@ -in k\n",
         "ldapsearch -D cn=admin -w @@ -b dc=acme\n",
         "smbclient //nas/share -U me%@@\n", "echo 'root:@@' | chpasswd\n", "echo @@ | sudo -S apt update\n",
         "keytool -genkey -storepass @@ -alias a\n",
         "aws configure set aws_secret_access_key @@\n", "kubectl create secret generic s --from-literal=password=@@\n",
         "mongosh -u admin -p @@ shop\n",
         "az login --service-principal -u app -p @@ --tenant t\n", "wget --user=me --http-password=@@ https://acme.io\n",
         "vault login @@\n",
         "http -a me:@@ acme.io/api\n", "helm registry login acme.io -u me -p @@\n",
         "podman login --username me --password @@ acme.io\n",
         "PGPASSWORD='@@' pg_dump shop\n", "export MYSQL_PWD=@@\n", "requirepass @@\n", "net user svc @@ /add\n",
         'docker run -e "DB_PASSWORD=@@" app\n'),
    ),
    "password in SQL": (
        lambda c: random_text(c, ALNUM, 10) + c.choice("!#%"),
        ("CREATE USER app IDENTIFIED BY '@@';", "ALTER ROLE app WITH PASSWORD '@@';",
         "CREATE USER app WITH ENCRYPTED PASSWORD '@@'",
         "SET PASSWORD FOR 'app'@'%' = PASSWORD('@@');", "CREATE LOGIN app WITH PASSWORD = '@@'"),
    ),
    "webhook": (
        lambda c: random_text(c, ALNUM, 26),
        ("https://hooks.zapier.com/hooks/catch/123456/@@/\n", "https://maker.ifttt.com/trigger/push/with/key/@@",
         "https://chat.acme.io/hooks/@@",
         "https://discord.com/api/webhooks/1059402031123456/@@AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd",
         "https://hook.eu1.make.com/@@",
         "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=a&token=@@",
         'url = "https://api.acme.io/v1/users?access_token=@@"',
         "curl 'https://maps.acme.io/geo?q=a&api_key=@@'\n"),
    ),
    "one-time password": (
        lambda c: random_text(c, UPPER + "234567", 32),
        ('pyotp.TOTP("@@").now()', "otpauth://totp/acme:me?secret=@@&issuer=acme", 'totp_secret = "@@"', "const mfaSeed = '@@';",
         "OTP_SECRET=@@\n", 'new Totp("@@")'),
    ),
    "mnemonic": (
        lambda c: " ".join(c.sample(WALLET.split(), 12)),
        ('mnemonic = "@@"', "MNEMONIC='@@'\n", 'HDWalletProvider("@@", url)', "seed_phrase: @@\n", "wallet.restore('@@')"),
    ),
    "settings of servers": (
        lambda c: random_text(c, ALNUM, 12) + random_text(c, DIGITS, 2),
        ("bindpw @@\n", "enable secret 0 @@\n", "masterauth @@\n", 'psk="@@"\n', "wpa_passphrase=@@\n",
         "snmp-server community @@ RO\n"),
    ),
    "WireGuard key": (
        lambda c: random_text(c, BASE64, 42) + "A=",
        ("[Interface]\nPrivateKey = @@\n", "PresharedKey = @@\n"),
    ),
    "part of a web key": (
        lambda c: random_text(c, URL_SAFE, 43),
        ('{"kty": "EC", "crv": "P-256", "x": "a", "d": "@@"}',),
    ),
    "vault of Ansible": (
        lambda c: random_text(c, HEX, 80) + "\n" + random_text(c, HEX, 80),
        ("$ANSIBLE_VAULT;1.1;AES256\n@@\n",),
    ),
    "OpenVPN key": (
        lambda c: random_text(c, HEX, 32) + "\n" + random_text(c, HEX, 32),
        ("-----BEGIN OpenVPN Static key V1-----\n@@\n-----END OpenVPN Static key V1-----\n",),
    ),
    "token of a service": (
        lambda c: c.choice(["pscale" + "_oauth_", "sntryu" + "_", "dop" + "_v1_"]) + random_text(c, HEX, 64),
        ('x("@@")', "@@\n"),
    ),
    "key of a service by its name": (
        lambda c: random_text(c, HEX, 32),
        ("algolia = @@\n", "mattermost: x\nFINICITY=@@\n", 'asanaThing := "@@"'),
    ),
    "key of a cipher": (
        lambda c: random_text(c, ALNUM, 14) + "!#",
        ("c = AES.new(b'@@', AES.MODE_ECB)", 'tag = hmac.new(b"@@", body, "sha256")', "box = ChaCha20.new(key=b'@@', nonce=n)"),
    ),
    "key of a cipher in bytes": (
        lambda c: "".join(f"\\x{c.randrange(128, 256):02x}" for _ in range(16)),
        ("cipher = AES.new(b'@@', AES.MODE_CBC, iv)",),
    ),
    "password handed over": (
        lambda c: random_text(c, LOWER, 6) + random_text(c, DIGITS, 3),
        (
            *("sshpass -f <(echo @@) ssh host", "openssl enc -pass file:<(printf '%s' '@@') -in a"),
            *("echo -n @@ | base64", "printf '@@' | base64 -w0"),
        ),
    ),
    "key that is only called so": (
        lambda c: random_text(c, ALNUM, 32),
        ('key = "@@"', "key: @@\n", '{"key": "@@"}'),
    ),
    "key of a login server": (
        lambda c: "".join(c.sample(DIGITS, 8)),
        ("tacacs-server key @@\n", "tacacs-server host 10.0.0.1 key 7 @@\n", "radius-server host 10.0.0.2 auth-port 1812 key @@\n"),
    ),
    "password elsewhere": (
        lambda c: random_text(c, LOWER, 5) + random_text(c, DIGITS, 3) + "!" + random_text(c, UPPER, 2),
        PASSWORDS,
    ),
    "random characters elsewhere": (
        lambda c: random_text(c, ALNUM, 24),
        RANDOM,
    ),
    "hexadecimal key elsewhere": (
        lambda c: random_text(c, HEX, 32),
        HEXADECIMAL,
    ),
}  # fmt: skip


def generate_samples(seed: int = 5) -> Iterator[SecretSample]:
    """Every secret in every piece of code."""
    rng = random.Random(seed)
    for shape, (make, places) in SECRET_SHAPES.items():
        for place in places:
            secret = make(rng)
            parts = secret.split("\0")
            text = place
            for part in parts:
                text = text.replace("@@", part, 1)
            yield SecretSample(shape, text, "\n".join(parts))
