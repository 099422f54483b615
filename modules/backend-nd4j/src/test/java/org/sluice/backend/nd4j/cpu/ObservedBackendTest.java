package org.sluice.backend.nd4j.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sluice.tensor.observation.OperationWork.Unit.BYTES;
import static org.sluice.tensor.observation.OperationWork.Unit.FLOATING_POINT_OPERATIONS;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sluice.tensor.Arena;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.MachineSpeed;
import org.sluice.tensor.Optimisation.AdamWStep;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;
import org.sluice.tensor.observation.ObservedBackend;
import org.sluice.tensor.observation.OperationWork;

/** What an observer is told, with every count of work written out. {@code B} 2, {@code T} 5, {@code H} 3, {@code E} 4, {@code D} 12. */
class ObservedBackendTest {
    private static final int HEADS = 2 * 5 * 3 * 4;

    private final List<String> names = new ArrayList<>();
    private final Map<String, OperationWork> works = new LinkedHashMap<>();
    private final List<Long> nanoseconds = new ArrayList<>();
    private final Backend backend = new ObservedBackend(new CpuBackendProvider().open(1), (operation, work, time) -> {
        names.add(operation);
        works.put(operation, work);
        nanoseconds.add(time);
    });
    private final Arena arena = backend.newArena("observed");

    @AfterEach
    void close() {
        arena.close();
        backend.close();
    }

    @Test
    void productsCountOperations() {
        Tensor x = floats(10, 12);
        Tensor y = floats(10, 7);
        Tensor weight = floats(7, 12);
        Tensor offsets = ints(0, 4, 10);
        Tensor experts = floats(2, 7, 12);
        Tensor targets = ints(0, 1, 2, 3, 4, 5, 6, 0, 1, 2);
        Tensor losses = floats(10);
        Tensor sums = floats(10);
        Tensor workspace = floats(5, 7);

        backend.linearAlgebra().matmul(x, false, weight, true, y, false);
        backend.linearAlgebra().matmul(y, false, weight, false, x, true);
        backend.linearAlgebra().matmul(y, true, x, false, weight, true);
        backend.mixture().groupedMatmul(x, experts, true, offsets, y, false);
        backend.mixture().groupedMatmul(y, experts, false, offsets, x, false);
        backend.mixture().groupedWeightGradient(y, x, offsets, experts);
        backend.loss().classifierLoss(x, weight, targets, workspace, losses, sums);
        backend.loss()
                .classifierLossAndGradient(
                        x, weight, targets, 0, 1, workspace, losses, sums, floats(10, 12), floats(7, 12));

        double product = 2.0 * 10 * 12 * 7;
        assertOperations("linearAlgebra.matmul forward", product);
        assertOperations("linearAlgebra.matmul dX", product);
        assertOperations("linearAlgebra.matmul dW", product);
        assertOperations("mixture.groupedMatmul forward", product);
        assertOperations("mixture.groupedMatmul dX", product);
        assertOperations("mixture.groupedWeightGradient", product);
        assertOperations("loss.classifierLoss", product);
        assertOperations("loss.classifierLossAndGradient", 3 * product);
    }

    @Test
    void attentionCountsThePairsThatAreNotInTheFuture() {
        Tensor query = heads(3);
        Tensor key = heads(1);
        Tensor firstVisible = arena.allocate("firstVisible", DType.INT32, Shape.of(2, 5));
        Tensor sums = floats(2, 3, 5);
        Tensor delta = floats(2, 3, 5);
        Tensor cache = floats(2, 9, 1, 4);

        backend.attention().forward(query, key, heads(1), firstVisible, 0.5, heads(3), sums);
        backend.attention()
                .backward(heads(3), delta, query, key, heads(1), firstVisible, 0.5, sums, heads(3), heads(1), heads(1));
        backend.attention().forwardCached(query, cache, floats(2, 9, 1, 4), firstVisible, 3, 0.5, heads(3), sums);

        double pairs = 1 + 2 + 3 + 4 + 5;
        assertOperations("attention.forward", 4 * 4 * pairs * 2 * 3);
        assertOperations("attention.backward", 10 * 4 * pairs * 2 * 3);
        assertOperations("attention.forwardCached", 4 * 4 * (pairs + 5 * 3) * 2 * 3);
    }

    @Test
    void whatIsUpdatedMovesTwice() {
        Tensor x = floats(10, 12);
        Tensor y = floats(10, 12);
        Tensor row = floats(12);
        Tensor rms = floats(10);
        Tensor flat = floats(100);

        backend.normalisation().addRmsNorm(x, y, row, 1e-6, x, floats(10, 12), rms);
        assertFloats("normalisation.addRmsNorm", 4 * 120 + 12 + 10);
        backend.normalisation().rmsNormBackward(y, x, row, rms, floats(10, 12), false, floats(12));
        assertFloats("normalisation.rmsNormBackward", 3 * 120 + 12 + 10 + 2 * 12);
        backend.normalisation().rmsNormBackward(y, x, row, rms, floats(10, 12), true, floats(12));
        assertFloats("normalisation.rmsNormBackward", 4 * 120 + 12 + 10 + 2 * 12);
        backend.normalisation().clip(x, 1);
        assertFloats("normalisation.clip", 2 * 120);
        backend.normalisation().clipBackward(x, 1, y);
        assertFloats("normalisation.clipBackward", 3 * 120);
        Tensor angles = floats(5, 2);
        Tensor inverse = floats(2, 5, 3);
        backend.normalisation()
                .headNormRotaryBackward(
                        heads(3), heads(3), floats(4), angles, floats(5, 2), inverse, heads(3), floats(4));
        assertFloats("normalisation.headNormRotaryBackward", 3 * HEADS + 4 + 2 * 10 + 30 + 2 * 4);
        backend.mixture().permuteBackward(floats(20, 12), arena.allocate("places", DType.INT32, Shape.of(10, 2)), x);
        assertFloats("mixture.permuteBackward", 20 * 12 + 20 + 2 * 120);
        AdamWStep step = new AdamWStep(1e-3, 0.9, 0.95, 1e-8, 0, 1, 1);
        backend.optimisation().adamW(flat, floats(100), floats(100), floats(100), step);
        assertFloats("optimisation.adamW", 700);
        backend.optimisation().gradientDescent(flat, floats(100), 1);
        assertFloats("optimisation.gradientDescent", 300);
        backend.memory().addScaled(floats(100), 1, flat);
        assertFloats("memory.addScaled", 300);
        backend.statistics().sum(flat, arena.allocate("sum", DType.FLOAT64, Shape.of(1)));
        assertFloats("statistics.sum", 100 + 2);
    }

    @Test
    void onlyThePartThatIsTouchedMoves() {
        Tensor table = floats(50, 12);
        backend.linearAlgebra().embed(table, ints(1, 2, 3), floats(3, 12));
        assertFloats("linearAlgebra.embed", 2 * 36 + 3);
        backend.linearAlgebra().embedBackward(floats(3, 12), ints(1, 2, 3), table);
        assertFloats("linearAlgebra.embedBackward", 3 * 36 + 3);
        Tensor experts = heads(3 * 6);
        Tensor logits = floats(2, 5, 18);
        backend.gates().switchHeads(experts, logits, 2, heads(3));
        assertFloats("gates.switchHeads", 2 * HEADS + 180 + HEADS);
        backend.gates().switchHeadsBackward(heads(3), experts, logits, 2, heads(18), floats(2, 5, 18));
        assertFloats("gates.switchHeadsBackward", HEADS + 2 * HEADS + 180 + 6 * HEADS + 180);
        backend.gates().gateBackward(GateFunction.SIGMOID, heads(3), heads(3), heads(3), heads(3), heads(3));
        assertFloats("gates.gateBackward", 5 * HEADS);
        GateFunction added = new GateFunction(GateActivation.SILU, GateCombine.ADDITIVE, false);
        backend.gates().gateBackward(added, heads(3), heads(3), heads(3), heads(3), heads(3));
        assertFloats("gates.gateBackward", 4 * HEADS);
        backend.memory().copyPart(table, 3, floats(100), 5, 20);
        assertFloats("memory.copyPart", 2 * 20);
        backend.memory().write(ByteBuffer.allocate(28), table, 1);
        assertFloats("memory.write", 7);
        backend.memory().read(table, 2, ByteBuffer.allocate(36));
        assertFloats("memory.read", 9);
    }

    @Test
    void whatWasRefusedIsNotTold() {
        Tensor x = floats(10, 12);
        names.clear();

        assertThatThrownBy(() -> backend.linearAlgebra().matmul(x, false, x, false, x, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("matmul");
        assertThatThrownBy(() -> backend.gates().swiGlu(x, null, x)).isInstanceOf(IllegalArgumentException.class);
        assertThat(names).isEmpty();

        backend.memory().fill(x, 2);
        assertThat(backend.memory().readDoubles(x)).hasSize(120).containsOnly(2);
        assertThat(names).containsExactly("memory.fill", "memory.readDoubles");
        assertThat(nanoseconds).allSatisfy(time -> assertThat(time).isPositive());
    }

    @Test
    void aFloorIsTheWorkAtFullSpeed() {
        MachineSpeed machine = new MachineSpeed(200, 10);

        assertThat(new OperationWork(FLOATING_POINT_OPERATIONS, 1e9).floorMillis(machine))
                .isEqualTo(5);
        assertThat(new OperationWork(BYTES, 1e9).floorMillis(machine)).isEqualTo(100);
        assertThatThrownBy(() -> new MachineSpeed(200, 0)).hasMessageContaining("the speed of copying is 0.0");
    }

    private void assertOperations(String operation, double amount) {
        assertThat(works.get(operation)).as(operation).isEqualTo(new OperationWork(FLOATING_POINT_OPERATIONS, amount));
    }

    private void assertFloats(String operation, double amount) {
        assertThat(works.get(operation)).as(operation).isEqualTo(new OperationWork(BYTES, 4 * amount));
    }

    private Tensor heads(int heads) {
        return floats(2, 5, heads, 4);
    }

    private Tensor floats(long... dimensions) {
        return arena.allocate("floats", DType.FLOAT32, Shape.of(dimensions));
    }

    private Tensor ints(int... values) {
        Tensor tensor = arena.allocate("ints", DType.INT32, Shape.of(values.length));
        backend.memory().writeInts(values, tensor);
        return tensor;
    }
}
