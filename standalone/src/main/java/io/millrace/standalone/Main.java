package io.millrace.standalone;

import io.millrace.standalone.backup.BackupCommand;
import io.millrace.standalone.backup.RestoreCommand;
import io.millrace.standalone.classify.ClassifyCommand;
import io.millrace.standalone.demo.DemoCommand;
import io.millrace.standalone.detect.DetectCommand;
import io.millrace.standalone.model.ExportCommand;
import io.millrace.standalone.model.ImportCommand;
import io.millrace.standalone.model.PlanCommand;
import io.millrace.standalone.model.ReceptiveFieldCommand;
import io.millrace.standalone.model.ScoreCommand;
import io.millrace.standalone.plot.PlotCommand;
import io.millrace.standalone.process.LogFile;
import io.millrace.standalone.process.ProcessEnd;
import io.millrace.standalone.process.TemporaryFiles;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.up.UpCommand;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./millrace}: the platform in one process. */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    version = "Millrace 0.1.0-SNAPSHOT",
    description = "Streams data through Kafka into training and trained models into serving.",
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      PlanCommand.class,
      ReceptiveFieldCommand.class,
      PlotCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      ScoreCommand.class,
      DetectCommand.class,
      ClassifyCommand.class
    })
public final class Main {

  /** Exit status after a reason that the person can put right. */
  static final int USER_ERROR = 2;

  /** What a shell reports after Ctrl-C. */
  static final int INTERRUPTED = 130;

  private Main() {}

  /** Runs a command and ends the process with its status. */
  public static void main(String[] arguments) {
    TemporaryFiles.makeOwn();
    int status = run(arguments);
    TemporaryFiles.discardUnused();
    System.exit(status);
  }

  /** Runs a command; expected failures print one line, unexpected ones where to look too. */
  static int run(String... arguments) {
    CommandLine command = new CommandLine(new Main());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setParameterExceptionHandler((problem, _) -> {
      System.err.printf(
          "millrace: %s; see %s --help%n",
          problem.getMessage(), problem.getCommandLine().getCommandSpec().qualifiedName());
      return USER_ERROR;
    });
    command.setExecutionExceptionHandler((failure, line, parsed) -> {
      if (ProcessEnd.isAsked()) {
        return INTERRUPTED; // The process is ending with the signal's status anyway.
      }
      if (failure instanceof UserError) {
        System.err.println("millrace: " + failure.getMessage());
        return USER_ERROR;
      }
      LoggerFactory.getLogger(Main.class).error("unexpected failure", failure);
      Optional<Path> log = LogFile.directory();
      if (log.isEmpty()) {
        failure.printStackTrace();
      }
      System.err.println(
          "millrace: unexpected failure: "
              + failure
              + log.map(l -> " (details in " + l + ")").orElse(""));
      return CommandLine.ExitCode.SOFTWARE;
    });
    if (arguments.length == 0) {
      command.usage(System.out);
      return USER_ERROR;
    }
    return command.execute(arguments);
  }
}
