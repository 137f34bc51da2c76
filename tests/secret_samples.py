"""Secrets as they get into code, each put together here when it is needed, so that nothing in this repository looks like a leak."""

import random
import string
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import NamedTuple

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
    """What must not be seen of them."""


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
        lambda c: "S" + "G." + random_text(c, URL_SAFE, 21) + random_text(c, ALNUM, 1) + "." + random_text(c, URL_SAFE, 42) + random_text(c, ALNUM, 1),
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
}  # fmt: skip


def generate_samples(seed: int = 5) -> Iterator[SecretSample]:
    """Every secret in every piece of code."""
    chance = random.Random(seed)
    for shape, (make, places) in SECRET_SHAPES.items():
        for place in places:
            secret = make(chance)
            yield SecretSample(shape, place.replace("@@", secret, 1), secret)
