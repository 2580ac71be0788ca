package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.classify.ClassifyCommand;
import io.millrace.standalone.terminal.UserError;
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

/** {@code ./millrace classify} beside a platform that runs. */
abstract class ClassifyCommandContract {
  private static final Scene SCENE = new Scene(5);

  private final URI address;
  private final Path home;
  private final LearnedModels models;

  @TempDir Path directory;

  ClassifyCommandContract(URI address, Path home, LearnedModels models) {
    this.address = address;
    this.home = home;
    this.models = models;
  }

  /** What the command prints. */
  private String classify(Object... arguments) {
    List<String> line = new ArrayList<>(List.of("--url", address.toString()));
    line.addAll(List.of("--home", home.toString()));
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, /* autoFlush= */ true, StandardCharsets.UTF_8);
    CommandLine command = new CommandLine(new ClassifyCommand(out));
    command.parseArgs(line.toArray(String[]::new));
    try {
      command.<ClassifyCommand>getCommand().call();
    } catch (UserError e) {
      throw new UserError(printed.toString(StandardCharsets.UTF_8) + e.getMessage(), e);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsTheClassesOfPictures() throws IOException {
    Path png = Files.write(directory.resolve("scene.png"), SCENE.png());
    Path jpeg = Files.write(directory.resolve("scene.jpeg"), SCENE.jpeg());
    String printed = classify("--top=1", models.pictureClassification(), png, jpeg);
    assertThat(printed.lines())
        .hasSize(2)
        .allMatch(line -> line.matches(".*/scene\\.(png|jpeg): \\w+ [01]\\.[0-9]{3}"));
  }

  @Test
  void printsTheClassesOfRows() throws IOException {
    Path rows =
        Files.writeString(
            directory.resolve("rows.jsonl"),
            LearnedModels.ROW_JSON + "\n\n" + LearnedModels.ROW_JSON + "\n");
    String printed = classify(models.classification(), rows);
    assertThat(printed).contains("rows.jsonl, row 1: ").contains("rows.jsonl, row 2: ");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.jsonl"), "{}\n[1]\n");
    Path empty = Files.writeString(directory.resolve("empty.jsonl"), "\n");
    Path bytes = Files.write(directory.resolve("bytes.txt"), new byte[] {(byte) 0xff, 1});
    String model = models.classification();
    assertThatThrownBy(() -> classify(model, broken))
        .hasMessageContaining("broken.jsonl, line 2: ");
    assertThatThrownBy(() -> classify(model, empty)).hasMessageContaining("has no rows");
    assertThatThrownBy(() -> classify(model, bytes)).hasMessageContaining("is no text in UTF-8");
    assertThatThrownBy(() -> classify(model, directory.resolve("missing.png")))
        .hasMessageContaining("missing.png is not there");
    assertThatThrownBy(() -> classify(model, "a text\nof two lines"))
        .hasMessageContaining(
            "'a text of two lines': the platform answered 400: inputs[0] is a text");
    assertThatThrownBy(() -> classify("nobody", "text"))
        .hasMessageContaining("the platform answered 404");
  }
}
