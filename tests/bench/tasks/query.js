'use strict';

function parseQuery(text) {
  var result = {};
  if (text.charAt(0) === '?') {
    text = text.slice(1);
  }
  text.split('&').forEach(function (pair) {
    var at = pair.indexOf('=');
    var key = decodeURIComponent(pair.slice(0, at));
    result[key] = decodeURIComponent(pair.slice(at + 1));
  });
  return result;
}

function stringifyQuery(params) {
  let text = '';
  for (const key in params) {
    const value = params[key];
    if (value === undefined || value === null) {
      continue;
    }
    if (text !== '') {
      text += '&';
    }
    text += encodeURIComponent(key) + '=' + encodeURIComponent(value);
  }
  return text;
}

/** The address with params added to its query; those that it has already are replaced. */
function withQuery(address, params) {
  const [rest, fragment] = address.split('#');
  const [path, query] = rest.split('?');
  const merged = Object.assign(query ? parseQuery(query) : {}, params);
  const text = stringifyQuery(merged);
  return path + (text ? '?' + text : '') + (fragment === undefined ? '' : '#' + fragment);
}

module.exports = { parseQuery, stringifyQuery, withQuery };
