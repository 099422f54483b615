package org.sluice.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockLedgerTest {

    private static List<Integer> crew(int workers) {
        return IntStream.range(0, workers).boxed().toList();
    }

    private static List<Long> positions(List<Positions> ranges) {
        return ranges.stream()
                .flatMap(range -> LongStream.range(range.from(), range.to()).boxed())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"5,1", "5,2", "5,3", "8,8", "7,3", "64,5"})
    void sharesOfAllWorkersAreTheStepsBlocksInOrder(int blocksPerStep, int workers) {
        Deal deal = new BlockLedger(1000, List.of()).deal(1_000_000, blocksPerStep, 3, crew(workers));
        for (int step = 0; step < 3; step++) {
            List<Long> together = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                List<Long> share = positions(deal.share(step, worker));
                assertThat(share.size()).isBetween(blocksPerStep / workers, (blocksPerStep + workers - 1) / workers);
                together.addAll(share);
            }
            long first = 1000 + (long) step * blocksPerStep;
            assertThat(together)
                    .containsExactlyElementsOf(LongStream.range(first, first + blocksPerStep)
                            .boxed()
                            .toList());
        }
    }

    @Test
    void theLastRoundTakesWhatIsLeft() {
        Deal deal = new BlockLedger(90, List.of()).deal(99, 8, 4, crew(4));
        assertThat(deal.steps()).isEqualTo(2);
        assertThat(deal.blocks()).isEqualTo(9);
        assertThat(IntStream.range(0, 4).boxed().flatMap(worker -> positions(deal.share(1, worker)).stream()))
                .containsExactly(98L);
        assertThatThrownBy(() -> new BlockLedger(99, List.of()).deal(99, 8, 4, crew(4)))
                .hasMessageContaining("nothing to deal");
    }

    @Test
    void whatWasRefusedGoesToAnotherWorkerFirst() {
        BlockLedger ledger = BlockLedger.START;
        Deal first = ledger.deal(1000, 8, 2, crew(4));
        ledger = ledger.settle(first, Map.of(0, true));
        assertThat(ledger.counted()).isEqualTo(12);
        assertThat(ledger.returned())
                .containsExactly(
                        new ReturnedBlocks(new Positions(0, 2), 1, 0), new ReturnedBlocks(new Positions(8, 10), 1, 0));
        Deal second = ledger.deal(1000, 8, 2, crew(4));
        assertThat(positions(second.share(0, 0))).doesNotContain(0L, 1L, 8L, 9L);
        assertThat(second.repeats()).isZero();
        assertThat(IntStream.range(0, 4).boxed().flatMap(worker -> positions(second.share(0, worker)).stream()))
                .containsExactlyInAnyOrder(0L, 1L, 8L, 9L, 16L, 17L, 18L, 19L);
    }

    @Test
    void refusalsOfTheSameBlocksAddUpAndThoseOfOthersDoNot() {
        BlockLedger ledger = BlockLedger.START;
        for (int round = 0; round < 3; round++) {
            Deal deal = ledger.deal(1000, 4, 1, crew(4));
            int holder = crew(4).stream()
                    .filter(worker -> positions(deal.share(0, worker)).contains(0L))
                    .findFirst()
                    .orElseThrow();
            ledger = ledger.settle(deal, Map.of(holder, true));
        }
        assertThat(ledger.returned()).hasSize(1);
        assertThat(ledger.returned().get(0).positions()).isEqualTo(new Positions(0, 1));
        assertThat(ledger.returned().get(0).refusals()).isEqualTo(3);
        assertThat(ledger.counted()).isEqualTo(9);
    }

    /** Workers come, go, are late and are refused at random; in the end every position was counted once. */
    @Test
    void everyPositionIsCountedOnce() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int training = 0; training < 300; training++) {
            int blocksPerStep = 1 + random.nextInt(12);
            int localSteps = 1 + random.nextInt(5);
            long end = 1L + random.nextInt(400);
            BlockLedger ledger = BlockLedger.START;
            List<Long> counted = new ArrayList<>();
            for (int round = 0; ledger.counted() < end; round++) {
                TreeSet<Integer> crew = new TreeSet<>();
                for (int at = random.nextInt(blocksPerStep); at >= 0; at--) {
                    crew.add(random.nextInt(20));
                }
                Deal deal = ledger.deal(end, blocksPerStep, localSteps, List.copyOf(crew));
                Map<Integer, Boolean> uncounted = new TreeMap<>();
                for (int worker : crew) {
                    if (deal.deals(worker) && random.nextInt(4) == 0 && round < 300) {
                        uncounted.put(worker, random.nextBoolean());
                    } else {
                        for (int step = 0; step < deal.steps(); step++) {
                            counted.addAll(positions(deal.share(step, worker)));
                        }
                    }
                    assertThat(deal.deals(worker)).isEqualTo(!deal.all(worker).isEmpty());
                }
                ledger = ledger.settle(deal, uncounted);
                assertThat(ledger.counted()).isEqualTo(counted.size());
            }
            assertThat(counted)
                    .as("seed %d, training %d", seed, training)
                    .doesNotHaveDuplicates()
                    .hasSize((int) end);
            assertThat(ledger.returned()).isEmpty();
            assertThat(ledger.next()).isEqualTo(end);
        }
    }
}
