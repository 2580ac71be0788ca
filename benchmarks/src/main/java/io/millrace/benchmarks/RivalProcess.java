package io.millrace.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A script of ours in a Python process of its own that works only while it is asked something. */
final class RivalProcess implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final String name;
  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  private RivalProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.commands = process.outputWriter();
    this.answers = process.inputReader();
  }

  /**
   * Starts it with the interpreter that the environment names in {@code MILLRACE_PYTHON}, and with
   * glibc's settings in {@code MILLRACE_RIVAL_TUNABLES} ({@code GLIBC_TUNABLES} of that process).
   *
   * @param name of the script, in the folder of benchmarks
   * @throws IOException if there is no interpreter or no script
   */
  static RivalProcess start(String name, Object... arguments) throws IOException {
    String python = System.getenv().getOrDefault("MILLRACE_PYTHON", "python3");
    Path script = Path.of(System.getProperty("millrace.benchmarks", "benchmarks"), name);
    if (!Files.isRegularFile(script)) {
      throw new IOException("there is no " + script + ": start with benchmarks/run rival");
    }
    List<String> command = new ArrayList<>(List.of(python, script.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // Scripts import one another, which would leave files beside them.
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    // It has the allocator as it comes, unless its own settings are given.
    builder.environment().keySet().removeIf(variable -> variable.startsWith("MALLOC_"));
    String allocator = System.getenv().getOrDefault("MILLRACE_RIVAL_TUNABLES", "");
    if (!allocator.isEmpty()) {
      builder.environment().put("GLIBC_TUNABLES", allocator);
    }
    return new RivalProcess(name, builder.start());
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
          "%s ended at '%s': MILLRACE_PYTHON must name a Python with what it imports"
              .formatted(name, command));
    }
    return JSON.readTree(answer);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
