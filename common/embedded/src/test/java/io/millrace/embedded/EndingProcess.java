package io.millrace.embedded;

import java.nio.file.Path;
import java.time.Duration;

/** A process that ends by force: it kills its watched server, and would start another. */
final class EndingProcess {
  private EndingProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]).resolve("postgres");
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
    postgres.watch(Duration.ofSeconds(30), System.out::println, System.out::println);
    EmbeddedPostgres.killAll();
    postgres.process().waitFor();
    postgres.close();
    try {
      EmbeddedPostgres.start(directory);
      System.out.println("started again");
    } catch (EmbeddedServerException e) {
      System.out.println(e.getMessage());
    }
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
