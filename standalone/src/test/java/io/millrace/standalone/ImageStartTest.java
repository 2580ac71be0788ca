package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as an image starts it: without the launcher, with temporary files of its own. */
class ImageStartTest {
  @TempDir Path directory;

  @Test
  void emptiesItsTemporaryDirectoryAndDeletesNothingBesideIt() throws Exception {
    Path temporary = Files.createDirectories(directory.resolve("place/millrace"));
    Files.createFile(temporary.resolve("left"));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-Dmillrace.temp=own",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "plan",
                "nano")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).contains("Plan of nano").doesNotContain("is left");
    assertThat(temporary).isEmptyDirectory();
  }
}
