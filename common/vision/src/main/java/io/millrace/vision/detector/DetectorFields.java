package io.millrace.vision.detector;

import io.millrace.vision.box.SizeRange;
import io.millrace.vision.network.Level;
import io.millrace.vision.network.Neck;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a detector sees where it finds something, and what does not fit to that. Counted from the
 * layers alone: a group norm, which takes its mean from all of a map, is left out.
 *
 * @param maps those of the neck, the finest first, for each branch
 * @param advice what does not fit; none if all does
 */
public record DetectorFields(List<MapField> maps, List<String> advice) {

  public DetectorFields {
    maps = List.copyOf(maps);
    advice = List.copyOf(advice);
  }

  /** Those of a detector. */
  public static DetectorFields of(DetectorConfig config) {
    List<MapField> maps = new ArrayList<>();
    for (int branch : config.backbone().branches().detecting()) {
      maps.addAll(ofBranch(config, branch));
    }
    List<String> advice = new ArrayList<>();
    maps.forEach(map -> advise(map, Math.max(config.inputWidth(), config.inputHeight()), advice));
    return new DetectorFields(maps, advice);
  }

  private static List<MapField> ofBranch(DetectorConfig config, int branch) {
    List<Level> backbone = config.maps();
    List<Level> levels = config.neck().levels(backbone);
    List<Neck.Way> ways = config.neck().ways(backbone);
    List<SizeRange> sizes = config.head().sizes();
    SizeRange ofBranch = config.backbone().branches().ranges().get(branch);
    List<MapField> maps = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      List<Layer> layers = new ArrayList<>(config.upsampling().layers());
      config.backbone().layers(branch).subList(0, ways.get(i).from() + 1).forEach(layers::addAll);
      layers.addAll(ways.get(i).layers());
      layers.addAll(config.head().layers());
      maps.add(
          new MapField(
              levels.get(i).stride(),
              branch,
              config.head().seesEverything(),
              both(sizes.isEmpty() ? SizeRange.ALL : sizes.get(i), ofBranch),
              Field.bottomUp(layers)));
    }
    return maps;
  }

  /** Sizes that are in both; those of the map where none are. */
  private static SizeRange both(SizeRange map, SizeRange branch) {
    double min = Math.max(map.min(), branch.min());
    double max = Math.min(map.max(), branch.max());
    return min <= max ? new SizeRange(min, max) : map;
  }

  private static void advise(MapField map, int side, List<String> advice) {
    if (map.everything()) {
      return;
    }
    String place = "the map of stride %d, branch %d,".formatted(map.stride(), map.branch());
    double field = map.field().size();
    double largest = Math.min(map.sizes().max(), side);
    if (map.sizes().min() > field) {
      advice.add(
          text(
              "%s is for objects from %.0f pixels but sees only %.0f: give it smaller ones, or"
                  + " more layers",
              place, map.sizes().min(), field));
    } else if (largest > field) {
      advice.add(
          text(
              "%s is for objects up to %.0f pixels but sees only %.0f: larger ones are guessed"
                  + " from a part",
              place, largest, field));
    }
    if (map.sizes().max() < map.stride()) {
      advice.add(
          text(
              "%s is for objects up to %.0f pixels, less than its stride: several fall into one"
                  + " cell, use a finer map",
              place, map.sizes().max()));
    }
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
