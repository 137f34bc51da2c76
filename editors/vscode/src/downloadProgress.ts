// Shows the server's downloads as notifications with a cancel button, which the client library's own progress does not have.

import { ProgressLocation, window } from 'vscode';
import {
  type Middleware,
  type ProgressToken,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type ProgressListener = (value: WorkDoneProgressReport | WorkDoneProgressEnd) => void;

/** @param cancel tells the server that the user cancelled */
export function createProgressHandler(cancel: (token: ProgressToken) => void): NonNullable<Middleware['handleWorkDoneProgress']> {
  const listeners = new Map<ProgressToken, ProgressListener>();
  return (token, value, next) => {
    const listener = listeners.get(token);
    if (value.kind === 'begin' && value.cancellable) {
      listeners.set(
        token,
        showProgress(value, () => cancel(token)),
      );
    } else if (!listener) {
      next(token, value);
    } else if (value.kind !== 'begin') {
      listener(value);
      if (value.kind === 'end') {
        listeners.delete(token);
      }
    }
  };
}

function showProgress({ title }: WorkDoneProgressBegin, cancel: () => void): ProgressListener {
  let listener: ProgressListener = () => undefined;
  let lastPercent = 0;
  void window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, cancellation) => {
    cancellation.onCancellationRequested(cancel);
    return new Promise<void>((resolve) => {
      listener = (value) => {
        if (value.kind === 'end') {
          return resolve();
        }
        const percent = value.percentage ?? lastPercent;
        progress.report({ ...(value.message ? { message: value.message } : {}), increment: percent - lastPercent });
        lastPercent = percent;
      };
    });
  });
  return (value) => listener(value);
}
