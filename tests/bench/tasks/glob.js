'use strict';

function globToRegExp(glob) {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i];
    if (c === '*') {
      if (glob[i + 1] === '*') {
        source += '.*';
        i++;
      } else {
        source += '[^/]*';
      }
    } else {
      source += c;
    }
  }
  return new RegExp('^' + source + '$');
}

/** Splits patterns into those that let in and those that, with a leading "!", keep out. */
function sorted(patterns) {
  const found = { include: [], exclude: [] };
  for (let i = 0; i < patterns.length; i++) {
    const pattern = patterns[i].trim();
    if (pattern !== '') {
      if (pattern[0] === '!') {
        found.exclude.push(globToRegExp(pattern.slice(1)));
      } else {
        found.include.push(globToRegExp(pattern));
      }
    }
  }
  return found;
}

function filterPaths(paths, patterns) {
  const { include, exclude } = sorted(patterns);
  return paths.filter((path) => {
    const normal = path.replace(/\\/g, '/');
    return include.some((each) => each.test(normal)) && !exclude.some((each) => each.test(normal));
  });
}

module.exports = { globToRegExp, filterPaths };
