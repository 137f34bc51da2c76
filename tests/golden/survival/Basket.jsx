import { useState } from "react";

const empty = { items: [], note: "" };

export function Basket({ items = empty.items, onOrder }) {
  const [note, setNote] = useState("");
  const total = items.reduce((sum, { price, count }) => sum + price * count, 0);

  if (!items.length) {
    return <p>There is nothing in your basket so far.</p>;
  }

  return (
    <div className="basket" style={{ color: total > 100 ? "green" : "inherit" }}>
      <h2>What you are about to order from us</h2>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            {item.count} × <b>{item.name}</b>
          </li>
        ))}
      </ul>
      Everything that we sell comes with a note.
      <textarea value={note} onChange={(event) => setNote(event.target.value)} />
      <script src="/basket.js" async />
      <button
        type="button"
        disabled={total === 0}
        onClick={() => onOrder({ ...empty, items, note })}
      >
        Order for {total.toFixed(2)} &euro;
      </button>
    </div>
  );
}
