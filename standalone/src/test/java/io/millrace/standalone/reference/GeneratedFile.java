package io.millrace.standalone.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of the project that is made from the code. Tests compare it; with {@code
 * -Dmillrace.reference=write} they write it instead.
 */
public final class GeneratedFile {
  private static final Path ROOT = Path.of("..");
  private static final boolean WRITE = "write".equals(System.getProperty("millrace.reference"));

  private GeneratedFile() {}

  /**
   * Fails if the file is not what it should be.
   *
   * @param name from the project's root
   */
  public static void requireUpToDate(String name, String content) throws IOException {
    Path file = ROOT.resolve(name);
    if (WRITE) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, content);
    }
    assertThat(file).as("made from the code, see CONTRIBUTING.md").exists();
    assertThat(Files.readString(file))
        .as(
            "%s is not up to date: run the tests of standalone with -Dmillrace.reference=write",
            name)
        .isEqualTo(content);
  }
}
