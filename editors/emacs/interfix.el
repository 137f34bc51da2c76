;;; interfix.el --- Ghost text from Interfix beside Eglot -*- lexical-binding: t; -*-

;; Version: 1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: completion, languages

;;; Commentary:

;; Eglot starts the server and keeps it up to date; this shows its inline completions as an overlay behind point while you type.
;;
;;   (load "/path/to/interfix/editors/emacs/interfix.el")
;;   (interfix-setup 'python-base-mode)   ; one or more major modes
;;
;; `TAB' accepts a suggestion and does what it did before where there is none.  Knows nothing of models or settings.

;;; Code:

(require 'cl-lib)
(require 'eglot)

(defgroup interfix nil "Suggestions from local code models." :group 'tools)

(defcustom interfix-command '("interfix" "serve")
  "What starts the server."
  :type '(repeat string))

(defface interfix-ghost '((t :inherit shadow)) "How a suggestion looks.")

(defvar-local interfix--overlay nil "Shows the suggestion; gone where there is none.")
(defvar-local interfix--suggestion nil
  "What is suggested: a plist of :at (a position), :text and :command.")
(defvar-local interfix--asked nil "What `interfix--here' was when the text was last looked at.")

(defun interfix--here ()
  "The text and the place in it, as far as a suggestion depends on them: the buffer's tick and point."
  (cons (buffer-chars-modified-tick) (point)))

(defun interfix-setup (&rest modes)
  "Have Interfix serve the major MODES and show its suggestions there."
  (dolist (mode modes)
    (add-to-list 'eglot-server-programs (cons mode interfix-command))
    (add-hook (intern (format "%s-hook" mode)) #'eglot-ensure))
  (add-hook 'eglot-managed-mode-hook #'interfix--managed))

(cl-defmethod eglot-client-capabilities :around (_server)
  "Say that inline completions can be shown, which Eglot alone cannot."
  (let ((capabilities (cl-call-next-method)))
    (plist-put (plist-get capabilities :textDocument) :inlineCompletion '(:dynamicRegistration :json-false))
    capabilities))

(defvar interfix-mode-map
  (let ((map (make-sparse-keymap)))
    ;; A key is ours only while a suggestion is shown, else it is looked up further on.
    (cl-flet ((bind (key command)
                (define-key map (kbd key)
                            `(menu-item "" ,command :filter ,(lambda (it) (and (interfix-visible-p) it))))))
      (bind "TAB" #'interfix-accept)
      (bind "<tab>" #'interfix-accept)
      (bind "M-f" #'interfix-accept-word)
      (bind "M-e" #'interfix-accept-line)
      (bind "C-g" #'interfix-dismiss))
    map))

;;;###autoload
(define-minor-mode interfix-mode
  "Show suggestions behind point while text is typed."
  :lighter " Interfix"
  (if interfix-mode
      (progn
        (setq interfix--asked (interfix--here))
        (add-hook 'post-command-hook #'interfix--update nil t))
    (remove-hook 'post-command-hook #'interfix--update t)
    (interfix-dismiss)))

(defun interfix--managed ()
  "Follow Eglot: it has begun or ended to manage this buffer."
  (interfix-mode (if (and (eglot-managed-p) (interfix--server)) 1 -1)))

(defun interfix--server ()
  "The server of this buffer, if it can make suggestions."
  (let ((server (eglot-current-server)))
    (and server (plist-member (eglot--capabilities server) :inlineCompletionProvider) server)))

(defun interfix--rest ()
  "What of the suggestion is not typed yet; nil where it no longer fits."
  (when-let* ((text (plist-get interfix--suggestion :text))
              (at (plist-get interfix--suggestion :at))
              ((<= at (point)))
              (typed (buffer-substring-no-properties at (point)))
              ((string-prefix-p typed text))
              ((< (length typed) (length text))))
    (substring text (length typed))))

(defun interfix-visible-p ()
  "Whether a suggestion is shown."
  (and interfix--overlay (overlay-buffer interfix--overlay) (interfix--rest) t))

(defun interfix--hide ()
  "Take the suggestion off the screen."
  (when interfix--overlay (delete-overlay interfix--overlay)))

(defun interfix--show (text)
  "Show TEXT behind point."
  (unless interfix--overlay (setq interfix--overlay (make-overlay 1 1 nil t)))
  (move-overlay interfix--overlay (point) (point) (current-buffer))
  (let ((ghost (propertize text 'face 'interfix-ghost)))
    (put-text-property 0 1 'cursor t ghost)
    (overlay-put interfix--overlay 'after-string ghost)))

(defun interfix--update ()
  "Bring what is shown in line with the text: keep the rest of what is being typed, else ask anew after an edit."
  (let ((rest (interfix--rest))
        (here (interfix--here)))
    (cond (rest (interfix--show rest))
          ((not (equal here interfix--asked))
           (let ((edited (/= (car here) (car interfix--asked))))
             (interfix-dismiss)
             (setq interfix--asked here)
             (when edited (interfix--ask 2 here)))))))

(defun interfix--ask (kind here)
  "Ask for a suggestion HERE; KIND is 1 where the user wished for it, 2 where they only type."
  (let ((buffer (current-buffer)) (at (point)))
    (when-let* ((server (interfix--server)))
      (eglot--signal-textDocument/didChange)
      (jsonrpc-async-request
       server :textDocument/inlineCompletion
       (append (eglot--TextDocumentPositionParams) `(:context (:triggerKind ,kind)))
       :success-fn (lambda (result) (interfix--answered buffer here at result))
       :error-fn #'ignore
       :timeout-fn #'ignore
       ;; Of this name only the newest request matters.
       :deferred :textDocument/inlineCompletion))))

(defun interfix--answered (buffer here at result)
  "Show the first item of RESULT in BUFFER, if HERE is still where it is; AT is the position that was asked about."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (equal here (interfix--here))
        (let ((items (if (vectorp result) result (plist-get result :items))))
          (when (> (length items) 0)
            (let ((item (aref items 0)))
              (setq interfix--suggestion
                    (list :at at :text (plist-get item :insertText) :command (plist-get item :command)))
              (interfix--show (plist-get item :insertText)))))))))

(defun interfix--accept (length)
  "Insert so much of what is left: LENGTH gets it and says how many characters."
  (when-let* ((rest (interfix--rest)))
    (let ((command (plist-get interfix--suggestion :command))
          (count (funcall length rest)))
      (undo-boundary)
      (interfix--hide)
      (insert (substring rest 0 count))
      (when (= count (length rest))
        (setq interfix--suggestion nil)
        (when-let* ((server (and command (interfix--server))))
          (jsonrpc-async-request server :workspace/executeCommand
                                 (list :command (plist-get command :command) :arguments (plist-get command :arguments))
                                 :success-fn #'ignore :error-fn #'ignore))))))

(defun interfix-accept ()
  "Insert the suggestion."
  (interactive)
  (interfix--accept #'length))

(defun interfix-accept-word ()
  "Insert the next word of the suggestion."
  (interactive)
  (interfix--accept (lambda (rest) (string-match "\\`\\(?:\\s-\\|\n\\)*\\(?:[[:word:]_]+\\|[^[:word:]_ \t\n]+\\|\\'\\)" rest)
                      (max 1 (match-end 0)))))

(defun interfix-accept-line ()
  "Insert the next line of the suggestion."
  (interactive)
  (interfix--accept (lambda (rest) (string-match "\\`\n*[^\n]*" rest) (match-end 0))))

(defun interfix-dismiss ()
  "Take the suggestion away until something is typed."
  (interactive)
  (setq interfix--suggestion nil)
  (interfix--hide))

(defun interfix-complete ()
  "Ask for a suggestion now."
  (interactive)
  (interfix-dismiss)
  (setq interfix--asked (interfix--here))
  (interfix--ask 1 interfix--asked))

(provide 'interfix)
;;; interfix.el ends here
