package io.millrace.standalone.helm.pods;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The Docker engine of this machine, by its command line. */
public final class Engine {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private Engine() {}

  /** How a command ended. */
  record Result(int status, String output) {}

  /** Whether there is one, and this process may use it. */
  public static boolean isThere() {
    try {
      return run("info", "--format", "{{.ServerVersion}}").status() == 0;
    } catch (UncheckedIOException noSuchProgram) {
      return false;
    }
  }

  /** Whether an image is there; none is fetched. */
  public static boolean has(String image) {
    return run("image", "inspect", "--format", "{{.Id}}", image).status() == 0;
  }

  /** Runs a command to its end. */
  static Result run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " takes longer than " + LIMIT);
      }
      return new Result(process.exitValue(), output.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * The output of a command that must succeed.
   *
   * @throws IllegalStateException with what it said instead
   */
  static String require(String... arguments) {
    Result result = run(arguments);
    if (result.status() != 0) {
      throw new IllegalStateException("docker " + String.join(" ", arguments) + ": " + result);
    }
    return result.output();
  }

  /** The value of a template of {@code docker inspect}. */
  static String inspect(String container, String template) {
    return require("inspect", "--format", template, container);
  }
}
