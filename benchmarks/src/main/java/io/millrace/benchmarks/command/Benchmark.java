package io.millrace.benchmarks.command;

import java.io.PrintStream;
import java.util.List;

/** One measured claim. */
public interface Benchmark {

  /** Name on the command line. */
  String name();

  /** What it measures, in a line. */
  String description();

  /** Measures and prints. */
  void run(List<String> arguments, PrintStream out) throws Exception;
}
