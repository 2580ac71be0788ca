package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code images/build} says what an image for GPUs lacks before it builds anything. */
class ImageBuildTest {
  private static final String CUDA = "-Dmillrace.image.flavor=cu128";

  @TempDir Path directory;

  @Test
  void asksForLibrariesThatMavenDoesNotHave() throws Exception {
    assertThat(refused(CUDA))
        .contains("flavor cu128 needs libtorch's libraries", "libtorch 2.7.1 for cu128");
    assertThat(refused(CUDA, "-Dmillrace.image.libtorch=lib")).contains("must begin with /");
  }

  @Test
  void saysWhichLibraryIsMissing() throws Exception {
    assertThat(refused(CUDA, libtorch())).contains("there is no", "/lib/libc10.so");
    for (String library : List.of("libc10.so", "libtorch.so", "libtorch_cpu.so")) {
      Files.createFile(directory.resolve("lib").resolve(library));
    }
    assertThat(refused(CUDA, libtorch())).contains("there is no", "/lib/libc10_cuda.so");
  }

  @Test
  void saysThatAnotherReleaseDoesNotFit() throws Exception {
    for (String library :
        List.of(
            "libc10.so", "libtorch.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so")) {
      Files.createFile(Files.createDirectories(directory.resolve("lib")).resolve(library));
    }
    Files.writeString(directory.resolve("build-version"), "2.7.1+cu126\n");
    assertThat(refused(CUDA, libtorch()))
        .contains("is libtorch 2.7.1+cu126; this release binds 2.7.1 alone");
  }

  private String libtorch() throws IOException {
    return "-Dmillrace.image.libtorch=" + Files.createDirectories(directory.resolve("lib"));
  }

  private String refused(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "../images/build"));
    command.addAll(List.of(arguments));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(2);
    return Files.readString(output);
  }
}
