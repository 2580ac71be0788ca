package io.millrace.standalone.contract;

import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** A client that is made of the descriptions alone can be used. */
abstract class GeneratedClientContract {
  /** Not of this build: its classes are there once the clients are made. */
  private static final Path PROGRAM =
      Path.of("src/test/resources/io/millrace/standalone/contract/UseClients.java");

  private final Rest rest;
  private final Descriptions descriptions;
  private final LearnedModels models;

  GeneratedClientContract(Rest rest, Descriptions descriptions, LearnedModels models) {
    this.rest = rest;
    this.descriptions = descriptions;
    this.models = models;
  }

  @Test
  void callsEveryService() throws Exception {
    Path directory = Path.of("target/clients");
    FileSystemUtils.deleteRecursively(directory);
    Files.createDirectories(directory);
    try (GeneratedClients clients = new GeneratedClients(directory)) {
      for (String service : Descriptions.SERVICES) {
        Path description =
            Files.writeString(
                directory.resolve(service + ".json"), descriptions.of(service).toString());
        clients.generate(description, service.replace("-service", ""));
      }
      Path picture = Files.write(directory.resolve("picture.png"), new Scene(4).png());
      try (URLClassLoader made = clients.compileWith(PROGRAM)) {
        made.loadClass("UseClients")
            .getMethod("main", String[].class)
            .invoke(
                null,
                (Object)
                    new String[] {
                      rest.address().toString(),
                      rest.key(),
                      models.language(),
                      models.detection(),
                      picture.toString()
                    });
      }
    }
  }
}
