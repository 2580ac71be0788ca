package io.millrace.language.chat;

/**
 * A tokenizer has no special token for a role, so its model knows no conversations of this form.
 */
public final class MissingRoleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  MissingRoleException(Role role) {
    super("the tokenizer has no " + role.token());
  }
}
