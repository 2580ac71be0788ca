package io.millrace.standalone.up;

import io.millrace.gateway.key.AdminKeys;
import io.millrace.standalone.home.HomeDirectory;
import org.springframework.context.ConfigurableApplicationContext;

/** The API key that lies in a home. */
final class HomeKey {
  private static final String FILE = "api-key";

  private HomeKey() {}

  /**
   * A key for a gateway to make, if the home has none. It lies there before the gateway starts:
   * whoever sees a gateway that is ready reads the file next.
   *
   * @return empty if there is one already
   */
  static String first(HomeDirectory home) {
    if (home.kept(FILE).isPresent()) {
      return "";
    }
    String key = AdminKeys.random();
    home.keep(FILE, key);
    return key;
  }

  /** The home's key, or a new one in its place if the gateway does not take it. */
  static String valid(HomeDirectory home, ConfigurableApplicationContext gateway) {
    return home.kept(FILE)
        .filter(key -> AdminKeys.isValid(gateway, key))
        .orElseGet(() -> {
          String key = AdminKeys.create(gateway, "standalone");
          home.keep(FILE, key);
          return key;
        });
  }
}
