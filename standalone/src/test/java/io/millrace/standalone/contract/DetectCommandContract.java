package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.detect.DetectCommand;
import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code ./millrace detect} beside a platform that runs. */
abstract class DetectCommandContract {
  private static final Scene FIRST = new Scene(5);
  private static final Scene SECOND = new Scene(6);

  private final URI address;
  private final Path home;
  private final LearnedModels models;

  @TempDir Path directory;

  DetectCommandContract(URI address, Path home, LearnedModels models) {
    this.address = address;
    this.home = home;
    this.models = models;
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  /** What the command prints. */
  private String detect(Object... arguments) {
    List<String> line = new ArrayList<>(List.of("--url", address.toString()));
    line.addAll(List.of("--home", home.toString(), models.detection()));
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    return run(line);
  }

  private static String run(List<String> line) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, /* autoFlush= */ true, StandardCharsets.UTF_8);
    CommandLine command =
        new CommandLine(new DetectCommand(out))
            .setExecutionExceptionHandler((failure, _, _) -> {
              throw failure;
            });
    try {
      command.parseArgs(line.toArray(String[]::new));
      command.<DetectCommand>getCommand().call();
    } catch (UserError e) {
      throw new UserError(printed.toString(StandardCharsets.UTF_8) + e.getMessage(), e);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsATableAndDrawsPictures() throws IOException {
    Path first = write("first.png", FIRST.png());
    Path second = write("second.jpg", SECOND.jpeg());
    Path out = directory.resolve("drawn/here");

    String printed = detect("--min-score=0", "--max=2", "--out", out, first, second);

    assertThat(printed)
        .contains(first + ": 64 x 64 pixels, 2 found by version ")
        .contains(second + ": 64 x 64 pixels, 2 found by version ")
        .contains("label   score        x        y    width   height")
        .contains("drawn as " + out.resolve("first.png"));
    assertThat(printed.lines().filter(line -> line.startsWith("  square "))).hasSize(4);
    PictureReader reader = new PictureReader(PictureLimits.defaults());
    assertThat(reader.read(Files.readAllBytes(out.resolve("first.png")), "drawn"))
        .isNotEqualTo(reader.read(FIRST.png(), "scene"));
    assertThat(reader.read(Files.readAllBytes(out.resolve("second.png")), "drawn").width())
        .isEqualTo(Scene.SIDE);
  }

  @Test
  void passesOptionsOn() throws IOException {
    Path picture = write("first.png", FIRST.png());

    String whole = detect("--min-score=0", "--nms=none", picture);
    String sliced = detect("--min-score=0", "--slices=24", "--overlap=0.5", "--nms=none", picture);
    String scaled = detect("--min-score=0", "--scales=1:60-", "--nms=none", picture);

    assertThat(sliced.lines().count()).isGreaterThanOrEqualTo(whole.lines().count());
    assertThat(sliced).isNotEqualTo(whole);
    assertThat(scaled).contains(" 0 found by version");
    assertThat(detect("--min-score=0", "--nms=iou", "--nms-agnostic", picture).lines().count())
        .isLessThanOrEqualTo(whole.lines().count());
    assertThatThrownBy(() -> detect("--nms=fast", picture))
        .hasMessageContaining("first.png: the platform answered 400: nms must be none");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path picture = write("first.png", FIRST.png());
    Path text = write("text.png", "no picture".getBytes(StandardCharsets.UTF_8));
    Path other = Files.createDirectory(directory.resolve("other"));
    Path same = Files.write(other.resolve("first.png"), SECOND.png());

    assertThatThrownBy(() -> detect(directory.resolve("missing.png")))
        .hasMessageContaining("missing.png is not there");
    assertThatThrownBy(() -> detect(text)).hasMessageContaining("neither a PNG nor a JPEG");
    assertThatThrownBy(() -> detect(text, picture)).hasMessageEndingWith("; 1 more not looked at");
    assertThatThrownBy(() -> detect("--out", directory, picture))
        .hasMessageContaining("would be replaced by its drawing");
    assertThatThrownBy(() -> detect("--out", directory.resolve("new"), picture, same))
        .hasMessageContaining("two of the pictures would be drawn as");
    assertThatThrownBy(() -> detect("--out", text, picture))
        .hasMessageContaining("is not a directory");
    assertThatThrownBy(() -> run(List.of("--home", other.toString(), "cells", picture.toString())))
        .hasMessageContaining("no API key");
    assertThatThrownBy(() ->
            run(
                List.of(
                    "--home",
                    home.toString(),
                    "--url",
                    "http://127.0.0.1:1",
                    "cells",
                    picture.toString())))
        .hasMessageContaining("no platform answers at http://127.0.0.1:1");
  }
}
