package io.millrace.standalone.plot;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.Terminal;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ActivationsCommandTest {
  @TempDir private Path directory;

  @Test
  void writesPicturesAndValues() throws IOException {
    Path out = directory.resolve("charts");
    Terminal printed =
        Terminal.run("plot", "activations", "mish", "swish", "--derivative", "--out", out + "");
    assertThat(printed.status()).as(printed.err()).isZero();
    assertThat(printed.out())
        .contains(
            out.resolve("activations.svg") + "",
            out.resolve("activations.png") + "",
            out.resolve("activations.json") + "");
    assertThat(Files.readString(out.resolve("activations.svg")))
        .contains(">mish<", ">silu<", ">derivative<");
    BufferedImage png = ImageIO.read(out.resolve("activations.png").toFile());
    assertThat(png.getWidth()).isGreaterThan(500);
    JsonNode json = JsonMapper.shared().readTree(out.resolve("activations.json").toFile());
    JsonNode mish = json.path("activations").path(0);
    assertThat(mish.path("activation").asString()).isEqualTo("mish");
    assertThat(mish.path("x").size()).isEqualTo(201);
    assertThat(mish.path("derivatives").path(100).asDouble()).isEqualTo(0.6);
  }

  @Test
  void namesWhatIsThere() {
    Terminal printed = Terminal.run("plot", "activations", "mesh", "--out", directory + "");
    assertThat(printed.status()).isEqualTo(2);
    assertThat(printed.err())
        .contains("there is no activation \"mesh\"; did you mean mish? Activations are silu");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void saysWhereItCannotWrite() throws IOException {
    Path file = Files.writeString(directory.resolve("taken"), "");
    Terminal printed = Terminal.run("plot", "activations", "relu", "--out", file + "");
    assertThat(printed.status()).isEqualTo(2);
    assertThat(printed.err()).contains("cannot write " + file.resolve("activations.svg"));
    assertThat(Terminal.run("plot").status()).isEqualTo(2);
  }
}
