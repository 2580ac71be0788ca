package io.millrace.standalone.containers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.standalone.helm.pods.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The images that {@code docker-compose.yml} names, so that tests take no others than users. */
final class ComposeImages {
  private static final Path FILE = Path.of("../docker-compose.yml");

  private ComposeImages() {}

  /** Skips the test, saying why, where there is no engine or one of the services' images is not. */
  static void require(List<String> services) {
    assumeTrue(Engine.isThere(), "no Docker engine that this process may use");
    List<String> missing =
        services.stream().map(ComposeImages::of).filter(image -> !Engine.has(image)).toList();
    assumeTrue(
        missing.isEmpty(),
        "these images are not there: %s; images/build makes Millrace's own".formatted(missing));
  }

  /** The image of a service of the file, with the tag that it has by default. */
  static String of(String service) {
    try (Stream<String> lines = Files.lines(FILE)) {
      String image =
          lines
              .dropWhile(line -> !line.equals("  " + service + ":"))
              .map(String::strip)
              .filter(line -> line.startsWith("image: "))
              .map(line -> line.substring("image: ".length()))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no service " + service));
      Matcher tag = Pattern.compile("\\$\\{\\w+:-(.*)}").matcher(image);
      return tag.replaceAll(match -> Objects.requireNonNull(match.group(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
