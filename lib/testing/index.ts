export {
  Late,
  type RunStateMachineOptions,
  runStateMachine,
  type StateMachineRun,
  type StubbedTask,
  TaskFailure,
} from './run-state-machine';
