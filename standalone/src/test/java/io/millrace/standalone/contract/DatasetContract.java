package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.contract.Datasets.Sealed;
import io.millrace.standalone.contract.Datasets.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From documents to a snapshot. */
abstract class DatasetContract {
  private static final int PACK_LENGTH = 32;

  private final Datasets datasets;
  private final String prefix;
  private final Path objects;

  /**
   * The contract.
   *
   * @param prefix of the names of datasets
   * @param objects where the platform's object store is
   */
  DatasetContract(Datasets datasets, String prefix, Path objects) {
    this.datasets = datasets;
    this.prefix = prefix;
    this.objects = objects;
  }

  @Test
  void textsBecomeASnapshot() throws IOException {
    String name = prefix + "texts";
    Seen created = datasets.createTexts(name, PACK_LENGTH);
    assertThat(created).isEqualTo(new Seen(name, "text", "", "", 0, 0, 0));
    assertThat(datasets.append(name, LearnedModels.someTexts(20))).isEqualTo(20);
    assertThat(datasets.trainTokenizer(name, LearnedModels.VOCABULARY).name()).isEqualTo(name);
    Seen ready = Await.until(() -> datasets.get(name), seen -> seen.tokenizer().equals("ready"));

    Sealed first = datasets.seal(name);
    assertThat(first.version()).isOne();
    assertThat(first.sha256()).matches("[0-9a-f]{64}");
    assertThat(first.records()).isPositive();
    Seen prepared = datasets.get(name);
    assertThat(prepared.documents()).isEqualTo(20);
    assertThat(prepared.prepared()).isEqualTo(20);
    assertThat(prepared.snapshots()).isOne();
    assertThat(datasets.append(name, List.of("One more."))).isOne();
    Sealed second = datasets.seal(name);
    assertThat(second.version()).isEqualTo(2);
    assertThat(second.sha256()).isNotEqualTo(first.sha256());
    assertThat(datasets.repair(name)).isZero();
    assertThat(datasets.seal(name).sha256()).isEqualTo(second.sha256());
    Refusal.require("not_found", () -> datasets.repair(prefix + "nowhere"));

    takesATokenizerOfItsOwn(Files.readString(objects.resolve(ready.location())));
  }

  private void takesATokenizerOfItsOwn(String tokenizer) {
    String name = prefix + "tokenizer";
    datasets.createTexts(name, PACK_LENGTH);
    assertThat(datasets.setTokenizer(name, tokenizer).tokenizer()).isEqualTo("ready");
  }

  @Test
  void picturesBecomeASnapshot() {
    String name = prefix + "scenes";
    assertThat(datasets.createPictures(name).kind()).isEqualTo("images");
    assertThat(datasets.appendScene(name, new Scene(1))).isOne();
    assertThat(datasets.appendScene(name, new Scene(2))).isOne();
    assertThat(datasets.seal(name).version()).isOne();
    assertThat(datasets.get(name).prepared()).isEqualTo(2);
  }

  @Test
  void tellsWhatItRejectedAndAppendsItAgain() {
    String name = prefix + "rejected";
    datasets.createPictures(name);
    assertThat(datasets.appendNoPicture(name)).isOne();
    List<String> reasons =
        Await.until(() -> datasets.rejected(name), rejected -> !rejected.isEmpty());
    assertThat(reasons).singleElement().asString().isNotEmpty();
    assertThat(datasets.replay(name)).isOne();
    assertThat(Await.until(() -> datasets.rejected(name), rejected -> rejected.size() > 1))
        .hasSize(2);
    assertThat(datasets.change(name, 50).name()).isEqualTo(name);
    Refusal.require("invalid_argument", () -> datasets.change(name, 101));
    Refusal.require("not_found", () -> datasets.rejected(prefix + "nowhere"));
    Refusal.require("not_found", () -> datasets.replay(prefix + "nowhere"));
  }

  @Test
  void isThereUntilItIsDeleted() {
    String name = prefix + "short-lived";
    datasets.createTexts(name, PACK_LENGTH);
    assertThat(datasets.list()).contains(name);
    Refusal.require("already_exists", () -> datasets.createTexts(name, PACK_LENGTH));
    datasets.delete(name);
    assertThat(datasets.list()).doesNotContain(name);
    Refusal.require("not_found", () -> datasets.get(name));
  }

  @Test
  void refusesWhatCannotBe() {
    String name = prefix + "refusals";
    datasets.createTexts(name, PACK_LENGTH);
    Refusal.require("invalid_argument", () -> datasets.createTexts(prefix + "short", 1));
    Refusal.require("invalid_argument", () -> datasets.createTexts("No Name", PACK_LENGTH));
    Refusal.require("invalid_argument", () -> datasets.append(name, List.of("")));
    Refusal.require("invalid_argument", () -> datasets.appendScene(name, new Scene(1)));
    Refusal.require("invalid_argument", () -> datasets.setTokenizer(name, "{}"));
    Refusal.require("failed_precondition", () -> datasets.trainTokenizer(name, 300));
    Refusal.require("failed_precondition", () -> datasets.seal(name));
    Refusal.require("not_found", () -> datasets.seal(prefix + "nowhere"));
    Refusal.require("not_found", () -> datasets.append(prefix + "nowhere", List.of("x")));
    Refusal.require("not_found", () -> datasets.delete(prefix + "nowhere"));
  }
}
