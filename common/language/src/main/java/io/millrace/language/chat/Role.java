package io.millrace.language.chat;

import io.millrace.language.tokenize.SpecialTokens;
import java.util.Arrays;
import java.util.Optional;

/** Who speaks in a conversation. */
public enum Role {
  /** Instructions to the model. */
  SYSTEM("system", SpecialTokens.SYSTEM),
  /** Somebody who asks. */
  USER("user", SpecialTokens.USER),
  /** The model. */
  ASSISTANT("assistant", SpecialTokens.ASSISTANT);

  private final String label;
  private final String token;

  Role(String label, String token) {
    this.label = label;
    this.token = token;
  }

  /** The role's name in conversations, e.g. {@code user}. */
  public String label() {
    return label;
  }

  /** The special token that begins what the role says. */
  public String token() {
    return token;
  }

  /** The role of a name; empty if there is none. */
  public static Optional<Role> of(String label) {
    return Arrays.stream(values()).filter(role -> role.label.equals(label)).findFirst();
  }
}
