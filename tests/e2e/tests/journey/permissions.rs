//! Whether roles allow what functions need, and nothing besides.

use crate::world::World;

/// The emulator refuses what a role does not allow, keys of the table included, so every scenario before has shown that
/// nothing is missing; here it is what nobody needed.
pub(crate) async fn what_a_role_may_do_is_done_and_nothing_else_is_allowed(world: &mut World) {
    world.stack.compare_with_roles().await.unwrap();
}
