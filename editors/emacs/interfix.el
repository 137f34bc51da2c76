;;; interfix.el --- Ghost text from Interfix beside Eglot -*- lexical-binding: t; -*-

;; Version: 1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: completion, languages

;;; Commentary:

;; Eglot starts the server and keeps it up to date; this file shows its inline completions after point while you type.
;;
;;   (load "/path/to/interfix/editors/emacs/interfix.el")
;;   (interfix-setup 'python-base-mode)   ; one or more major modes
;;
;; `TAB' accepts a suggestion; without one it does what it did before.

;;; Code:

(require 'cl-lib)
(require 'diff-mode)
(require 'eglot)

(defgroup interfix nil "Suggestions from local code models." :group 'tools)

(defcustom interfix-command '("interfix" "serve")
  "The command that starts the server."
  :type '(repeat string))

(defface interfix-ghost '((t :inherit shadow)) "How a suggestion looks.")

(defvar-local interfix--overlay nil "The overlay that shows the suggestion.")
(defvar-local interfix--suggestion nil
  "The suggestion: a plist of :at (a position), :text and :command.")
(defvar-local interfix--last-request nil "The value of `interfix--cursor-key' at the last request or movement.")

(defun interfix--cursor-key ()
  "The buffer's tick and point: a suggestion is valid only for these."
  (cons (buffer-chars-modified-tick) (point)))

(defun interfix-setup (&rest modes)
  "Start Interfix in the major MODES and show its suggestions there."
  (dolist (mode modes)
    (add-to-list 'eglot-server-programs (cons mode interfix-command))
    (add-hook (intern (format "%s-hook" mode)) #'eglot-ensure))
  (add-hook 'eglot-managed-mode-hook #'interfix--follow-eglot))

(cl-defmethod eglot-client-capabilities :around (_server)
  "Announce inline completion, which Eglot alone does not support."
  (let ((capabilities (cl-call-next-method)))
    (plist-put (plist-get capabilities :textDocument) :inlineCompletion '(:dynamicRegistration :json-false))
    capabilities))

(defvar interfix-mode-map
  (let ((map (make-sparse-keymap)))
    ;; These keys are bound only while a suggestion is shown.
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
  "Show suggestions after point while text is typed."
  :lighter " Interfix"
  (if interfix-mode
      (progn
        (setq interfix--last-request (interfix--cursor-key))
        (add-hook 'post-command-hook #'interfix--update nil t))
    (remove-hook 'post-command-hook #'interfix--update t)
    (interfix-dismiss)))

(defun interfix--follow-eglot ()
  "Turn `interfix-mode' on or off when Eglot starts or stops managing this buffer."
  (interfix-mode (if (and (eglot-managed-p) (interfix--server)) 1 -1)))

(defun interfix--server ()
  "The server of this buffer, if it can make suggestions."
  (let ((server (eglot-current-server)))
    (and server (plist-member (eglot--capabilities server) :inlineCompletionProvider) server)))

(defun interfix--remaining-text ()
  "The part of the suggestion that is not typed yet; nil if it no longer fits."
  (when-let* ((text (plist-get interfix--suggestion :text))
              (at (plist-get interfix--suggestion :at))
              ((<= at (point)))
              (typed (buffer-substring-no-properties at (point)))
              ((string-prefix-p typed text))
              ((< (length typed) (length text))))
    (substring text (length typed))))

(defun interfix-visible-p ()
  "Whether a suggestion is shown."
  (and interfix--overlay (overlay-buffer interfix--overlay) (interfix--remaining-text) t))

(defun interfix--hide ()
  "Hide the suggestion."
  (when interfix--overlay (delete-overlay interfix--overlay)))

(defun interfix--show (text)
  "Show TEXT after point."
  (unless interfix--overlay (setq interfix--overlay (make-overlay 1 1 nil t)))
  (move-overlay interfix--overlay (point) (point) (current-buffer))
  (let ((ghost (propertize text 'face 'interfix-ghost)))
    (put-text-property 0 1 'cursor t ghost)
    (overlay-put interfix--overlay 'after-string ghost)))

(defun interfix--update ()
  "After a command: keep the rest of a suggestion that is being typed; after another edit request a new one."
  (let ((rest (interfix--remaining-text))
        (key (interfix--cursor-key)))
    (cond (rest (interfix--show rest))
          ((not (equal key interfix--last-request))
           (let ((edited (/= (car key) (car interfix--last-request))))
             (interfix-dismiss)
             (setq interfix--last-request key)
             (when edited (interfix--request 2 key)))))))

(defun interfix--request (kind key)
  "Request a suggestion at KEY; KIND is 1 if the user asked for it, 2 while they type."
  (let ((buffer (current-buffer)) (at (point)))
    (when-let* ((server (interfix--server)))
      (eglot--signal-textDocument/didChange)
      (jsonrpc-async-request
       server :textDocument/inlineCompletion
       (append (eglot--TextDocumentPositionParams) `(:context (:triggerKind ,kind)))
       :success-fn (lambda (result) (interfix--show-response buffer key at result))
       :error-fn #'ignore
       ;; The first suggestion waits for the model to load, which may take longer than the 10 s after which answers are dropped.
       :timeout 120
       ;; Eglot drops older requests of this name.
       :deferred :textDocument/inlineCompletion))))

(defun interfix--show-response (buffer key at result)
  "Show the first item of RESULT in BUFFER if its key is still KEY; AT is the position of the request."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (equal key (interfix--cursor-key))
        (let ((items (if (vectorp result) result (plist-get result :items))))
          (when (> (length items) 0)
            (let ((item (aref items 0)))
              (setq interfix--suggestion
                    (list :at at :text (plist-get item :insertText) :command (plist-get item :command)))
              (interfix--show (plist-get item :insertText)))))))))

(defun interfix--accept-part (length)
  "Insert the beginning of the remaining text; LENGTH gets that text and returns how many characters to insert."
  (when-let* ((rest (interfix--remaining-text)))
    (let ((command (plist-get interfix--suggestion :command))
          (count (funcall length rest)))
      (undo-boundary)
      (interfix--hide)
      (insert (substring rest 0 count))
      (when (= count (length rest))
        (setq interfix--suggestion nil)
        (interfix--execute command)))))

(defun interfix--execute (command)
  "Have the server run COMMAND, if it is one."
  (when-let* ((server (and command (interfix--server))))
    (jsonrpc-async-request server :workspace/executeCommand
                           (list :command (plist-get command :command) :arguments (plist-get command :arguments))
                           :success-fn #'ignore :error-fn #'ignore)))

(defun interfix-accept ()
  "Insert the suggestion."
  (interactive)
  (interfix--accept-part #'length))

(defun interfix-accept-word ()
  "Insert the next word of the suggestion."
  (interactive)
  (interfix--accept-part (lambda (rest) (string-match "\\`\\(?:\\s-\\|\n\\)*\\(?:[[:word:]_]+\\|[^[:word:]_ \t\n]+\\|\\'\\)" rest)
                           (max 1 (match-end 0)))))

(defun interfix-accept-line ()
  "Insert the next line of the suggestion."
  (interactive)
  (interfix--accept-part (lambda (rest) (string-match "\\`\n*[^\n]*" rest) (match-end 0))))

(defun interfix-dismiss ()
  "Hide the suggestion until something is typed."
  (interactive)
  (setq interfix--suggestion nil)
  (interfix--hide))

(defun interfix-complete ()
  "Request a suggestion now."
  (interactive)
  (interfix-dismiss)
  (setq interfix--last-request (interfix--cursor-key))
  (interfix--request 1 interfix--last-request))

;;; Next edits

(defface interfix-removed '((t :inherit diff-removed :strike-through t)) "How text looks that a next edit replaces.")
(defface interfix-added '((t :inherit diff-added)) "How text looks that a next edit inserts.")

(defvar-local interfix--next-edit nil
  "The next edit that point was brought to: a plist of :key, :beg, :end, :text and :command.")
(defvar-local interfix--next-edit-overlay nil "The overlay that shows it.")
(defconst interfix--next-edit-seconds 1.0
  "How long Emacs stands still for a next edit at most: meanwhile nothing can be typed.")

(defun interfix-next-edit ()
  "Go to the change that follows from the last one and show it; there, make it and go to the next."
  (interactive)
  (let ((edit interfix--next-edit))
    (interfix--forget-next-edit)
    (when (and edit (equal (plist-get edit :key) (interfix--cursor-key)))
      (undo-boundary)
      (delete-region (plist-get edit :beg) (plist-get edit :end))
      (insert (plist-get edit :text))
      (interfix--execute (plist-get edit :command)))
    (interfix--find-next-edit)))

(defun interfix--find-next-edit ()
  "Ask for the next edit, go there and show it."
  (interfix-dismiss)
  (let ((server (or (interfix--server) (user-error "Interfix does not run in this buffer"))))
    (eglot--signal-textDocument/didChange)
    (let* ((params (append (eglot--TextDocumentPositionParams) '(:context (:triggerKind 1))))
           (answer (interfix--request-in-time server :textDocument/copilotInlineEdit params))
           (edits (plist-get answer :edits)))
      (cond ((> (length edits) 0) (interfix--show-next-edit (aref edits 0)))
            (answer (message "Interfix: no next edit here"))))))

(defun interfix--request-in-time (server method params)
  "Ask SERVER for METHOD with PARAMS; nil where no answer comes within `interfix--next-edit-seconds'."
  (condition-case failure
      (jsonrpc-request server method params :timeout interfix--next-edit-seconds)
    (jsonrpc-error
     (unless (equal (alist-get 'jsonrpc-error-message (cddr failure)) "Timed out")
       (signal (car failure) (cdr failure))))))

(defun interfix--show-next-edit (item)
  "Go to the place of ITEM and draw it."
  (pcase-let ((`(,beg . ,end) (funcall (if (fboundp 'eglot-range-region) 'eglot-range-region 'eglot--range-region)
                                       (plist-get item :range))))
    (push-mark (point) t)
    (goto-char beg)
    (setq interfix--last-request (interfix--cursor-key)
          interfix--next-edit (list :key interfix--last-request :beg beg :end end
                                    :text (plist-get item :text) :command (plist-get item :command))
          interfix--next-edit-overlay (make-overlay beg end))
    (overlay-put interfix--next-edit-overlay 'face 'interfix-removed)
    (overlay-put interfix--next-edit-overlay 'after-string (propertize (plist-get item :text) 'face 'interfix-added))
    (add-hook 'post-command-hook #'interfix--leave-next-edit nil t)))

(defun interfix--leave-next-edit ()
  "Forget the next edit once point or the text is elsewhere."
  (unless (equal (plist-get interfix--next-edit :key) (interfix--cursor-key))
    (interfix--forget-next-edit)))

(defun interfix--forget-next-edit ()
  "Draw nothing any more."
  (remove-hook 'post-command-hook #'interfix--leave-next-edit t)
  (setq interfix--next-edit nil)
  (when interfix--next-edit-overlay (delete-overlay interfix--next-edit-overlay)))

(provide 'interfix)
;;; interfix.el ends here
