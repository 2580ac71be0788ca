package io.millrace.inference.search;

import io.millrace.inference.embed.EmbeddingWishes;
import io.millrace.inference.embed.Embeddings;
import io.millrace.inference.embed.Embeddings.PictureInput;
import io.millrace.inference.embed.TextInput;
import io.millrace.inference.embed.Vectors;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.name.Names;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.Registry;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Indexes, and what is found in them. */
@Service
public class Searches {
  private static final int MOST_INDEXES = 100;
  private static final int MOST_HITS = 100;
  private static final int DEFAULT_HITS = 10;

  private final SearchStore store;
  private final SearchItems items;
  private final PgVector pgVector;
  private final IndexWorker worker;
  private final TransactionTemplate transactions;
  private final Registry registry;
  private final Embeddings embeddings;
  private final Clock clock;

  Searches(
      SearchStore store,
      SearchItems items,
      PgVector pgVector,
      IndexWorker worker,
      TransactionTemplate transactions,
      Registry registry,
      Embeddings embeddings,
      Clock clock) {
    this.store = store;
    this.items = items;
    this.pgVector = pgVector;
    this.worker = worker;
    this.transactions = transactions;
    this.registry = registry;
    this.embeddings = embeddings;
    this.clock = clock;
  }

  /**
   * What was found.
   *
   * @param modelVersion whose vectors were compared
   * @param items that were looked at: all that were in the index
   * @param hits best first
   */
  public record Found(int modelVersion, long items, List<Hit> hits) {}

  /**
   * Creates an index, which is filled from then on.
   *
   * @throws MillraceException INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION if
   *     there cannot be one, UNAVAILABLE if the model does not serve
   */
  public SearchIndex create(String name, String model, String dataset) {
    Names.require("name", name);
    if (model.indexOf('@') >= 0) {
      throw MillraceException.invalid(
          "model",
          "an index is filled by whatever version of its model serves: name the model without a version");
    }
    DatasetEntry entry = registry.requireDataset(dataset);
    switch (entry.content()) {
      case Content.Text _ -> embeddings.requireTexts(model);
      case Content.Pictures _ -> embeddings.requirePictures(model);
      case Content.Rows _ -> throw PreparedRecords.noIndexOfRows(entry);
    }
    if (store.list().size() >= MOST_INDEXES) {
      throw MillraceException.precondition(
          "there are %d indexes already; delete one first".formatted(MOST_INDEXES));
    }
    SearchIndex index =
        new SearchIndex(name, model, dataset, 0, 0, /* trouble= */ null, clock.instant());
    if (!store.create(index)) {
      throw MillraceException.alreadyExists("index", name);
    }
    worker.wake();
    return index;
  }

  /** All indexes, by name. */
  public List<SearchIndex> list() {
    return store.list();
  }

  /**
   * One index.
   *
   * @throws MillraceException NOT_FOUND
   */
  public SearchIndex get(String name) {
    return store.find(name).orElseThrow(() -> MillraceException.notFound("index", name));
  }

  /** Names of the indexes that a model fills. */
  public List<String> ofModel(String model) {
    return store.list().stream()
        .filter(index -> index.model().equals(model))
        .map(SearchIndex::name)
        .toList();
  }

  /**
   * Deletes an index.
   *
   * @throws MillraceException NOT_FOUND
   */
  public void delete(String name) {
    boolean there =
        Boolean.TRUE.equals(
            transactions.execute(_ -> {
              pgVector.dropIndex(name);
              return store.delete(name);
            }));
    if (!there) {
      throw MillraceException.notFound("index", name);
    }
  }

  /**
   * Finds the documents that are nearest to a text or a picture.
   *
   * @param texts none or one, and then no picture
   * @param pictures none or one
   * @param limit documents at most; null: 10
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT, or UNAVAILABLE while the index is being
   *     filled by another version of its model
   */
  public Found search(
      String name, List<TextInput> texts, List<PictureInput> pictures, @Nullable Integer limit) {
    int most = Objects.requireNonNullElse(limit, DEFAULT_HITS);
    if (most < 1 || most > MOST_HITS) {
      throw MillraceException.invalid(
          "limit", "limit must be from 1 to %d, not %d".formatted(MOST_HITS, most));
    }
    if (texts.size() + pictures.size() != 1) {
      throw MillraceException.invalid("text", "a search has either a text or an image");
    }
    Vectors vectors =
        embeddings.of(
            EmbeddingWishes.of(
                get(name).model(), texts, pictures, /* dimensions= */ null, /* pooling= */ null));
    return Objects.requireNonNull(
        transactions.execute(_ -> {
          SearchIndex now = get(name);
          if (now.modelVersion() != vectors.modelVersion()) {
            throw MillraceException.unavailable(
                "index '%s' holds vectors of version %d of model '%s', version %d serves: it is filled anew"
                    .formatted(name, now.modelVersion(), now.model(), vectors.modelVersion()));
          }
          List<Hit> hits = items.nearest(name, vectors.values().getFirst(), most);
          return new Found(now.modelVersion(), now.items(), hits);
        }));
  }
}
