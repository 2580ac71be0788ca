package io.millrace.standalone.plot;

import io.millrace.standalone.terminal.UserError;
import io.millrace.tensor.activation.ActivationCurves;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace plot activations}: values, derivatives and a picture. */
@Command(
    name = "activations",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draws activations as activations.svg and activations.png, and writes their values and derivatives as"
          + " activations.json.",
      "They are computed by the kernels that networks run."
    })
public final class ActivationsCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "activations such as silu, gelu, mish; all if none is named")
  private List<String> names = List.of();

  @Option(names = "--out", paramLabel = "DIR", description = "where the files go (default: here)")
  private Path directory = Path.of("");

  @Option(names = "--derivative", description = "draws the derivatives, too")
  private boolean derivative;

  @Override
  public Integer call() {
    ActivationCurves curves = curves();
    write("activations.svg", curves.chart(derivative).svg().getBytes(StandardCharsets.UTF_8));
    write("activations.png", curves.chart(derivative).png());
    write("activations.json", JsonMapper.shared().writeValueAsBytes(curves));
    return 0;
  }

  private ActivationCurves curves() {
    try {
      return ActivationCurves.of(TensorEngine.start("cpu"), ActivationCurves.Request.usual(names));
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private void write(String name, byte[] content) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(directory.toAbsolutePath());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e, e);
    }
    System.out.println(file);
  }
}
