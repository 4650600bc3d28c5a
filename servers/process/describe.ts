/** Prints the description of every arm as JSON: `{"arms": [ArmInfo, …]}`. */
import { ARMS } from '../arms.ts';
import { ArmList } from '../contract.ts';
import { faultIn } from '../validate.ts';

const list = { arms: ARMS.map((arm) => arm.info) };
const fault = faultIn(ArmList, list);
if (fault !== null) {
  console.error(`The description of an arm is wrong at ${fault}. Correct servers/arms.ts.`);
  process.exitCode = 1;
} else {
  console.log(JSON.stringify(list));
}
