package io.millrace.data.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.contracts.Topics;
import io.millrace.data.DataServiceApplication;
import io.millrace.data.dataset.DatasetService;
import io.millrace.data.dataset.NewDataset;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.data.log.RangeReader;
import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.KafkaAccess;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.IntakePolicy.PlainValues;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The recipes of docs/kafka-producers.md write documents that are read, on a broker that lets
 * producers in as the one of {@code ./millrace up} does.
 */
class KafkaProducersTest {
  private static final Path ROOT = root();
  private static final KafkaAccess ACCESS = new KafkaAccess("owner-secret", "producer-secret");

  private static Path directory;
  private static EmbeddedKafka kafka;
  private static ConfigurableApplicationContext service;
  private static DatasetEntry dataset;
  private static String topic;

  @BeforeAll
  static void start() throws IOException {
    directory = TestServers.freshDirectory();
    Path home = Files.createDirectory(directory.resolve(".millrace"));
    Files.writeString(home.resolve("producer.properties"), ACCESS.producerSettings());
    Files.writeString(home.resolve("producer-key"), ACCESS.producerPassword());
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0, ACCESS, reason -> {});
    Map<String, Object> properties = TestServers.properties();
    properties.put("millrace.kafka.topic-prefix", "");
    properties.put("millrace.kafka.bootstrap-servers", kafka.bootstrapServers());
    properties.put("millrace.kafka.sasl.mechanism", "scram-sha-512");
    properties.put("millrace.kafka.sasl.username", KafkaAccess.OWNER);
    properties.put("millrace.kafka.sasl.password", ACCESS.ownerPassword());
    service =
        ServiceLauncher.start(
            DataServiceApplication.class, DataServiceApplication.NAME, properties);
    service
        .getBean(DatasetService.class)
        .create(
            new NewDataset(
                "fables",
                NewDataset.Kind.TEXT,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                PlainValues.TEXT,
                null));
    dataset = service.getBean(Registry.class).requireDataset("fables");
    topic = service.getBean(Topics.class).documents("fables");
  }

  @AfterAll
  static void stop() {
    service.close();
    kafka.close();
  }

  @Test
  void consoleProducer() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String tool =
        """
        set -e
        kafka-console-producer.sh() {
          '%s' -XX:TieredStopAtLevel=1 -cp '%s' org.apache.kafka.tools.ConsoleProducer "$@"
        }
        """
            .formatted(java, System.getProperty("java.class.path"));
    run("bash", "-c", tool + here(block("sh console")));
    assertThat(texts())
        .contains("fox-1: The fox sees the crow.", "fox-2: The crow has a piece of cheese.")
        .anyMatch(text -> text.endsWith(": The fox praises the voice of the crow."));
  }

  @Test
  void kcat() throws Exception {
    assumeTrue(has("kcat", "-V"), "kcat is not installed");
    run("bash", "-ec", here(block("sh kcat")));
    assertThat(texts()).contains("fox-4: The crow opens its beak.");
  }

  @Test
  void java() throws Exception {
    String source =
        Files.readString(
            ROOT.resolve("data-service/src/test/java/io/millrace/data/recipe/JavaRecipe.java"));
    Matcher recipe =
        Pattern.compile("    // recipe\n(.*)    // end\n", Pattern.DOTALL).matcher(source);
    assertThat(recipe.find()).isTrue();
    assertThat(block("java")).isEqualTo(recipe.group(1).indent(-4));

    JavaRecipe.run(kafka.producerServers(), directory.resolve(".millrace"), topic);
    assertThat(texts()).contains("fox-5: The cheese falls down.");
  }

  @Test
  void node() throws Exception {
    assumeTrue(
        has("node", "-e", "require('kafkajs')"),
        "node cannot load kafkajs: npm install kafkajs, and NODE_PATH names that node_modules");
    run("node", "-e", here(block("js")));
    assertThat(texts()).contains("fox-6: The fox eats the cheese.");
  }

  /** The documents in the topic as the dataset reads them, each with its id. */
  private static List<String> texts() {
    DocumentReader reader = new DocumentReader(service.getBean(EventCodec.class), dataset, 1 << 20);
    List<String> texts = new ArrayList<>();
    TopicPartition place = new TopicPartition(topic, 0);
    try (RangeReader log = new RangeReader(service.getBean(KafkaClients.class), "test")) {
      log.read(
          place,
          0,
          log.end(place),
          record -> {
            try {
              var document = reader.read(record);
              texts.add(document.getId() + ": " + document.getText());
            } catch (RejectedDocumentException e) {
              texts.add("rejected: " + e.reason());
            }
            return true;
          });
    }
    return texts;
  }

  /** A recipe with this test's broker in place of the printed one. */
  private static String here(String recipe) {
    return recipe.replace("localhost:9092", kafka.producerServers());
  }

  private static String block(String language) throws IOException {
    Matcher matcher =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("docs/kafka-producers.md")));
    assertThat(matcher.find()).as(language).isTrue();
    return matcher.group(1);
  }

  private static boolean has(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException notInstalled) {
      return false;
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(180, TimeUnit.SECONDS);
    process.destroyForcibly();
    String told = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(ended).as(told).isTrue();
    assertThat(process.exitValue()).as(told).isZero();
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("docs/kafka-producers.md"))) {
      at = Objects.requireNonNull(at.getParent(), "not inside of the project");
    }
    return at;
  }
}
