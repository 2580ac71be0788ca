package io.millrace.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code rival.py} in a process of its own that works only while it is asked something. */
final class RivalProcess implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  private RivalProcess(Process process) {
    this.process = process;
    this.commands = process.outputWriter();
    this.answers = process.inputReader();
  }

  /**
   * Starts it with the interpreter that the environment names in {@code MILLRACE_PYTHON}.
   *
   * @throws IOException if there is no interpreter or no script
   */
  static RivalProcess start(Path model, int threads, int packs, int length) throws IOException {
    String python = System.getenv().getOrDefault("MILLRACE_PYTHON", "python3");
    Path script = Path.of(System.getProperty("millrace.benchmarks", "benchmarks"), "rival.py");
    if (!Files.isRegularFile(script)) {
      throw new IOException("there is no " + script + ": start with benchmarks/run rival");
    }
    return new RivalProcess(
        new ProcessBuilder(
                python,
                script.toString(),
                model.toString(),
                Integer.toString(threads),
                Integer.toString(packs),
                Integer.toString(length))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Gives a command and waits for its answer.
   *
   * @throws IOException if the process ended instead; it says why on standard error
   */
  JsonNode ask(String command) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException(
          "rival.py ended at '"
              + command
              + "': MILLRACE_PYTHON must name a Python with torch and"
              + " transformers");
    }
    return JSON.readTree(answer);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
