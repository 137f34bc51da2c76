<?php

declare(strict_types=1);

namespace Shop\Mail;

use Shop\Order;

function subject(Order $order): string
{
    return sprintf('Your order #%d', $order->number);
}

function body(Order $order) {
    $lines = [];
    foreach ($order->items as $item) {
        $lines[] = "{$item->count} × {$item->name}";
    }
    return <<<HTML
<div class="order">
  <p>Thank you for what you have ordered from us.</p>
  {$order->total}
</div>
HTML;
}

final class Mailer
{
    private const LIMIT = 20;

    public function __construct(private Transport $transport, private array $sent = []) {
    }

    public function send(Order ...$orders): int
    {
        $ready = array_filter($orders, fn (Order $order): bool => !isset($this->sent[$order->number]));
        foreach (array_slice($ready, 0, self::LIMIT) as $order) {
            $this->transport->deliver($order->email, subject($order), body($order));
            $this->sent[$order->number] = match (true) {
                $order->total > 100 => 'large',
                default => 'small',
            };
        }
        return count($ready);
    }
}
?>
<p>Orders that have been sent are listed below this line.</p>
<?php foreach ($numbers as $number): ?>
  <li><?= htmlspecialchars((string) $number) ?></li>
<?php endforeach; ?>
