package io.millrace.platform.registry;

import io.millrace.platform.registry.PromotionPolicy.Direction;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a model are kept; those that something needs are kept whatever it says, see
 * {@link VersionHolds}.
 *
 * @param last so many of the newest, at least one
 * @param best so many with the best figure, 0: none for that
 * @param figure of the versions' metrics; null with a best of 0
 * @param direction which is better; null with a best of 0
 * @param every those whose step is a multiple of it, 0: none for that
 */
public record RetentionPolicy(
    int last, int best, @Nullable String figure, @Nullable Direction direction, long every) {

  /** What holds for a model that nobody has decided about: the disk is bounded. */
  public static final RetentionPolicy STANDARD = new RetentionPolicy(5, 0, null, null, 0);

  /** Checks the numbers, which clients are told about before. */
  public RetentionPolicy {
    if (last < 1 || best < 0 || every < 0 || (best > 0) != (figure != null && direction != null)) {
      throw new IllegalArgumentException("no retention policy");
    }
  }

  /**
   * Versions that are kept, by number.
   *
   * @param versions of a model, oldest first
   */
  public Set<Integer> kept(List<ModelVersion> versions) {
    Set<Integer> kept = new HashSet<>();
    versions.stream()
        .skip(Math.max(0, versions.size() - last))
        .forEach(version -> kept.add(version.version()));
    if (every > 0) {
      versions.stream()
          .filter(version -> version.step() % every == 0)
          .forEach(version -> kept.add(version.version()));
    }
    if (figure != null && direction != null) {
      versions.stream()
          .filter(version -> Double.isFinite(figureOf(version, figure)))
          .sorted(order(figure, direction))
          .limit(best)
          .forEach(version -> kept.add(version.version()));
    }
    return kept;
  }

  /** The best first; of equals the newest. */
  private static Comparator<ModelVersion> order(String figure, Direction direction) {
    Comparator<ModelVersion> lowest =
        Comparator.comparingDouble(version -> figureOf(version, figure));
    Comparator<ModelVersion> best =
        switch (direction) {
          case LOWER -> lowest;
          case HIGHER -> lowest.reversed();
        };
    return best.thenComparing(Comparator.comparingInt(ModelVersion::version).reversed());
  }

  private static double figureOf(ModelVersion version, String figure) {
    return version.metrics().getOrDefault(figure, Double.NaN);
  }
}
