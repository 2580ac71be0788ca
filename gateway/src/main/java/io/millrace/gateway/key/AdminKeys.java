package io.millrace.gateway.key;

import io.millrace.platform.error.MillraceException;
import java.security.SecureRandom;
import org.springframework.context.ConfigurableApplicationContext;

/** API keys for whoever has started a gateway in its own process, without calling it. */
public final class AdminKeys {

  private AdminKeys() {}

  /** The text of a new key, for {@code millrace.gateway.bootstrap-key}. */
  public static String random() {
    return KeyFormat.random(new SecureRandom());
  }

  /**
   * Makes an API key that may do everything.
   *
   * @param name what the key is for
   * @return the key, which cannot be read again
   */
  public static String create(ConfigurableApplicationContext gateway, String name) {
    return gateway.getBean(ApiKeys.class).create(name, ApiKeys.Scope.ADMIN).key();
  }

  /** Whether a key may do everything at this gateway now: it is known to it and not revoked. */
  public static boolean isValid(ConfigurableApplicationContext gateway, String key) {
    try {
      return gateway.getBean(ApiKeys.class).authenticate(key).scope() == ApiKeys.Scope.ADMIN;
    } catch (MillraceException e) {
      return false;
    }
  }
}
