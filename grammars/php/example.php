<html><body>
<?php
declare(strict_types=1);
namespace App\Core;

use A\B\C;
use A\{D, E as F};
use function A\f;
require_once __DIR__ . '/x.php';
require 'y.php';
require __DIR__ . "/r.php";
require_once "o.php";
include 'i.php';
include __DIR__ . '/j.php';
include_once 'k.php';
include_once __DIR__ . '/l.php';

const LIMIT = 3;
define('OTHER', 1);

/** Greets. */
#[Attr]
abstract class Greeter extends Base implements Hello
{
    use Loud;
    const MAX = 3;
    private string $name = "x";

    public function __construct(private string $n)
    {
        $this->name = $n;
    }

    // Hello.
    public static function greet(?string ...$names): ?string
    {
        foreach ($names as $name) { if ($name) { } elseif ($x) { } else { } }
        while (true) { break; }
        do { } while (false);
        for ($i = 0; $i < 3; $i++) { }
        switch ($x) { case 1: break; default: break; }
        try { } catch (E $e) { } finally { }
        $f = function ($x) use ($y) { return $x; };
        $g = fn($x) => $x;
        $h = match($x) { 1 => 2, default => 3 };
        echo <<<EOT
text
EOT;
        $n = <<<'EOT'
plain
EOT;
        # hash
        return 'a';
    }
    abstract function wave();
}
interface Hello { public function hi(); }
trait Loud { }
enum Colour: string { case Red = 'r'; }
function make(int $x): int
{
    return $x;
}
namespace Other {
}
$anon = new class { };
?>
<p><?= $x ?></p>
<?php if ($x): ?>
<b></b>
<?php endif; ?>
</body></html>
