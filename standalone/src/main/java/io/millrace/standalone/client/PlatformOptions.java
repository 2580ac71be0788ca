package io.millrace.standalone.client;

import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.terminal.UserFiles;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of a command that asks a running platform: where it is, and by which key. */
public final class PlatformOptions {

  private static final String KEY_VARIABLE = "MILLRACE_API_KEY";
  private static final int MOST_KEY_BYTES = 1024;

  @Option(
      names = "--url",
      defaultValue = "http://127.0.0.1:8080",
      description = "of the platform's gateway (default: ${DEFAULT-VALUE})")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description =
          "where the platform keeps its API key, unless "
              + KEY_VARIABLE
              + " has one (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  /**
   * A client of that platform.
   *
   * @throws UserError if there is no API key
   */
  public PlatformClient client() {
    return new PlatformClient(url, apiKey());
  }

  private String apiKey() {
    String given = System.getenv(KEY_VARIABLE);
    if (given != null && !given.isBlank()) {
      return given.strip();
    }
    Path file = home.resolve("api-key");
    if (Files.notExists(file)) {
      throw new UserError(
          "no API key: %s is not there; name the platform's --home or set %s"
              .formatted(file, KEY_VARIABLE));
    }
    return new String(UserFiles.read(file, MOST_KEY_BYTES), StandardCharsets.UTF_8).strip();
  }
}
