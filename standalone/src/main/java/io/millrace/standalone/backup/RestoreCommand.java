package io.millrace.standalone.backup;

import io.millrace.standalone.home.HomeDirectory;
import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace restore}: a new home from a backup. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a new home from what backup copied, and compares every byte with what it was.",
      "./millrace up --home DIR goes on from there: models serve, runs resume."
    })
public final class RestoreCommand implements Callable<Integer> {

  /** What the launcher and the lock make in a home that is new. */
  private static final Set<String> NOTHING = Set.of("in-use.lock", "tmp", "log");

  @Parameters(index = "0", paramLabel = "DIR", description = "a backup")
  private Path directory = Path.of(".");

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".millrace",
      description = "the new home, not there or empty (default: ${DEFAULT-VALUE})")
  private Path home = Path.of(".millrace");

  @Override
  public Integer call() {
    Path backup = directory.toAbsolutePath().normalize();
    try {
      BackupManifest manifest = BackupManifest.read(backup);
      HomeCopy.requireEmpty(home, "--home", NOTHING);
      try (HomeDirectory opened = HomeDirectory.open(home)) {
        Path unfinished = Files.createFile(opened.root().resolve(HomeDirectory.UNFINISHED_RESTORE));
        HomeCopy.restore(manifest, backup, opened.root());
        Files.delete(unfinished);
      }
      System.out.printf(
          "restored %s, taken at %s, to %s: %,d files, %,d MiB%n",
          directory, manifest.created(), home, manifest.files().size(), manifest.size() >> 20);
    } catch (IOException e) {
      throw new UserError("cannot restore " + directory + ": " + e, e);
    }
    return 0;
  }
}
