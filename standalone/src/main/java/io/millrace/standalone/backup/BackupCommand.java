package io.millrace.standalone.backup;

import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.EmbeddedServerException;
import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace backup}: a copy of everything that {@code up} keeps. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Copies everything that a platform keeps to a directory: datasets, runs, models, keys.",
      "The platform must not be running. The copy holds its secrets; nobody else can read it."
    })
public final class BackupCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "DIR", description = "a directory that is new or empty")
  private Path directory = Path.of(".");

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description = "where the platform keeps everything (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  @Override
  public Integer call() {
    if (!Files.isDirectory(home.resolve("postgres/data"))) {
      throw new UserError("--home " + home + " holds no platform");
    }
    Path target = directory.toAbsolutePath().normalize();
    if (target.startsWith(home.toAbsolutePath().normalize())) {
      throw new UserError(target + " lies in the home itself; name a directory elsewhere");
    }
    try (HomeDirectory opened = HomeDirectory.open(home)) {
      settle(opened);
      BackupManifest manifest = HomeCopy.backUp(opened.root(), target, Clock.systemUTC());
      System.out.printf(
          "backed up %s to %s: %,d files, %,d MiB; ./millrace restore %s --home NEW puts it back%n",
          home, directory, manifest.files().size(), manifest.size() >> 20, directory);
    } catch (EmbeddedServerException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UserError("cannot back up to " + directory + ": " + e, e);
    }
    return 0;
  }

  /**
   * A platform that was killed may have left a PostgreSQL server behind, and one is never copied.
   */
  private static void settle(HomeDirectory home) {
    if (Files.exists(home.postgres().resolve("data/postmaster.pid"))) {
      EmbeddedPostgres.start(home.postgres()).close();
    }
  }
}
