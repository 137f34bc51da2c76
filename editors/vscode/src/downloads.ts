// Shows what the server fetches where the user can cancel it; the client's own place for progress has no button for that.

import { ProgressLocation, window } from 'vscode';
import {
  type Middleware,
  type ProgressToken,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type Watch = (value: WorkDoneProgressReport | WorkDoneProgressEnd) => void;

/** @param cancel tells the server that the user has had enough */
export function downloads(cancel: (token: ProgressToken) => void): NonNullable<Middleware['handleWorkDoneProgress']> {
  const watched = new Map<ProgressToken, Watch>();
  return (token, value, next) => {
    const watch = watched.get(token);
    if (value.kind === 'begin' && value.cancellable) {
      watched.set(token, shown(value, () => cancel(token)));
    } else if (!watch) {
      next(token, value);
    } else if (value.kind !== 'begin') {
      watch(value);
      if (value.kind === 'end') {
        watched.delete(token);
      }
    }
  };
}

function shown({ title }: WorkDoneProgressBegin, cancel: () => void): Watch {
  let watch: Watch = () => undefined;
  let before = 0;
  void window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, cancelled) => {
    cancelled.onCancellationRequested(cancel);
    return new Promise<void>((resolve) => {
      watch = (value) => {
        if (value.kind === 'end') {
          return resolve();
        }
        const percent = value.percentage ?? before;
        progress.report({ ...(value.message ? { message: value.message } : {}), increment: percent - before });
        before = percent;
      };
    });
  });
  return (value) => watch(value);
}
