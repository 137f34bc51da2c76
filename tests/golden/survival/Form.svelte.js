export function form(initial) {
  let count = $state(initial.count);
  let name = $state("");
  const derivative = count * 2;
  const label = $derived(`${name}: ${count}`);
  const total = $derived.by(() => {
    let sum = 0;
    for (const key in initial) sum += initial[key];
    return sum;
  });

  $effect(() => {
    console.log(label, total, derivative);
  });

  return {
    get label() {
      return label;
    },
    add: () => count++,
  };
}
