'use strict';

/** Negative where a is older than b, positive where it is newer, 0 where they are the same. */
function compareVersions(a, b) {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    if (left[i] !== right[i]) {
      return left[i] < right[i] ? -1 : 1;
    }
  }
  return 0;
}

function latest(versions) {
  let best = null;
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i];
    if (best === null) {
      best = version;
    } else {
      if (compareVersions(version, best) > 0) {
        best = version;
      }
    }
  }
  return best;
}

/** The next version: change is "major", "minor" or "patch". */
function bump(version, change) {
  const parts = version.split('.').map(Number);
  if (change === 'major') {
    parts[0] = parts[0] + 1;
    parts[1] = 0;
    parts[2] = 0;
  } else if (change === 'minor') {
    parts[1] = parts[1] + 1;
    parts[2] = 0;
  } else if (change === 'patch') {
    parts[2] = parts[2] + 1;
  } else {
    throw new Error('unknown change: ' + change);
  }
  return parts[0] + '.' + parts[1] + '.' + parts[2];
}

module.exports = { compareVersions, latest, bump };
